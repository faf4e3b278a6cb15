"""What the routes need."""

from dataclasses import dataclass

from chassis.storage.database import Database
from intake.case import Findings
from intake.routes.admission import Admission
from intake.routes.waiting import Waiters


@dataclass(frozen=True)
class Dependencies:
    """What the routes need.

    Attributes:
        database: The service's own.
        findings: The facts of the vocabulary.
        vocabulary: The vocabulary, as it is served.
        admission: Whether new work may come in.
        waiters: The clients that wait for a plan.
    """

    database: Database
    findings: Findings
    vocabulary: bytes
    admission: Admission
    waiters: Waiters
