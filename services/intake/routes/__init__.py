"""HTTP routes: parse, open the transaction, request one use case, answer."""

from intake.routes.admission import Admission
from intake.routes.cases import EXCEPTIONS, ROUTES, Dependencies
from intake.routes.waiting import WaitingRoom

__all__ = ["EXCEPTIONS", "ROUTES", "Admission", "Dependencies", "WaitingRoom"]
