"""HTTP routes: parse, open the transaction, request one use case, answer."""

from typing import Final

from treatment.routes.guidance import GUIDANCE
from treatment.routes.plans import EXCEPTIONS, PLANS, Dependencies

ROUTES: Final = (PLANS, GUIDANCE)

__all__ = ["EXCEPTIONS", "ROUTES", "Dependencies"]
