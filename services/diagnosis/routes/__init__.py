"""HTTP routes: parse, open the transaction, request one use case, answer."""

from diagnosis.routes.assessments import EXCEPTIONS, ROUTES, Dependencies

__all__ = ["EXCEPTIONS", "ROUTES", "Dependencies"]
