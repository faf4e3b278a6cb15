"""What a process lets be seen of itself from outside."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from chassis.messaging.receiving.inbox import InboxTables
from chassis.messaging.sending.outbox import OutboxTables
from chassis.storage.database import Database


@dataclass(frozen=True)
class Observed:
    """What there is to see of a process from outside.

    Attributes:
        database: the service's own.
        outbox: its producing side.
        inbox: its consuming side.
        hears: the topics that it reads.
        run_dir: the run folder of the service; it is on the disk that matters.
        check: raises when the database has another schema than the program.
    """

    database: Database
    outbox: OutboxTables
    inbox: InboxTables
    hears: tuple[str, ...]
    run_dir: Path
    check: Callable[[], None]
