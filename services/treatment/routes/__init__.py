"""HTTP routes: parse, open the transaction, request one use case, answer."""

from treatment.routes.plans import EXCEPTIONS, ROUTES, Dependencies

__all__ = ["EXCEPTIONS", "ROUTES", "Dependencies"]
