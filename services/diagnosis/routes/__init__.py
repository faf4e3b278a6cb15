"""HTTP doors: parse, open the transaction, call one use case, answer."""

from diagnosis.routes.doors import DOORS, EXCEPTIONS, Parts

__all__ = ["DOORS", "EXCEPTIONS", "Parts"]
