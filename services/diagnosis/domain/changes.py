"""What an assessment changes against the one before it."""

from collections.abc import Collection, Mapping
from typing import Any


def newly_active(document: Mapping[str, Any], before: Collection[str]) -> list[dict[str, Any]]:
    """List the red flags that are active now and were not in the case's previous assessment.

    Args:
        document: the new assessment.
        before: ids of the rules that were active in the previous one.
    """
    active: list[dict[str, Any]] = document["red_flags"]["active"]
    return [flag for flag in active if flag["rule"] not in before]
