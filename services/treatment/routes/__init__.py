"""HTTP doors: parse, open the transaction, call one use case, answer."""

from treatment.routes.doors import DOORS, EXCEPTIONS, Parts

__all__ = ["DOORS", "EXCEPTIONS", "Parts"]
