"""Problems that only this service has."""

from typing import Final

from chassis.http.errors import ProblemType

CONTRADICTORY: Final = ProblemType(
    "contradictory-findings",
    422,
    "The findings cannot all be true",
    "`errors` lists each place, why it cannot be, and with `contradicts` the place that says so.",
)
