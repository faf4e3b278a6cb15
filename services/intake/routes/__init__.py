"""HTTP routes: parse, open the transaction, call one use case, answer."""

from collections.abc import Mapping
from typing import Final

from chassis.http import problem_types
from chassis.http.errors import ProblemType
from intake.case import GrowsByFollowUps, ImplausibleCase
from intake.routes.admission import Admission
from intake.routes.cases import CASES
from intake.routes.dependencies import Dependencies
from intake.routes.preparation import PREPARATION
from intake.routes.problems import CONTRADICTORY
from intake.routes.reading import READING
from intake.routes.results import RESULTS
from intake.routes.vocabulary import KNOWLEDGE
from intake.routes.waiting import Waiters
from intake.use_cases import UnknownCase

ROUTES: Final = (CASES, PREPARATION, READING, RESULTS, KNOWLEDGE)
EXCEPTIONS: Final[Mapping[type[Exception], ProblemType]] = {
    UnknownCase: problem_types.NOT_FOUND,
    ImplausibleCase: CONTRADICTORY,
    GrowsByFollowUps: problem_types.INVALID,
}

__all__ = ["EXCEPTIONS", "ROUTES", "Admission", "Dependencies", "Waiters"]
