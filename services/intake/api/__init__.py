"""HTTP doors: parse, open the transaction, call one use case, answer."""

from intake.api.admission import Admission
from intake.api.doors import DOORS, EXCEPTIONS, Parts
from intake.api.waiting import WaitingRoom

__all__ = ["DOORS", "EXCEPTIONS", "Admission", "Parts", "WaitingRoom"]
