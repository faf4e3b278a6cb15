"""HTTP doors: parse, open the transaction, call one use case, answer."""

from intake.routes.admission import Admission
from intake.routes.doors import DOORS, EXCEPTIONS, Parts
from intake.routes.waiting import WaitingRoom

__all__ = ["DOORS", "EXCEPTIONS", "Admission", "Parts", "WaitingRoom"]
