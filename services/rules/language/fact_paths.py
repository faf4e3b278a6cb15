"""Paths of facts: ``distance_km``, ``parcels[2].weight_kg``, or ``parcels[].weight_kg`` of any."""

import functools
from collections.abc import Mapping
from typing import Any


@functools.lru_cache(maxsize=4096)
def general(fact: str) -> str:
    """Drop the position: ``parcels[2].weight_kg`` is a ``parcels[].weight_kg``."""
    owner, bracket, rest = fact.partition("[")
    return f"{owner}[].{rest.partition('].')[2]}" if bracket else fact


def replaced(facts: Mapping[str, Any], fact: str, value: Any) -> dict[str, Any]:
    """Copy facts with one of them changed."""
    copy, owner, name = writable_copy(facts, fact)
    owner[name] = value
    return copy


def writable_copy(
    facts: Mapping[str, Any], fact: str
) -> tuple[dict[str, Any], dict[str, Any], str]:
    """Copy facts so that one of them can be written.

    Returns:
        The copy; the dict in it that holds the fact, the copy itself or one element; and the
        fact's name in that dict.
    """
    copy = {**facts}
    owner, bracket, rest = fact.partition("[")
    if not bracket:
        return copy, copy, fact
    position, _, field = rest.partition("].")
    elements = copy[owner] = list(facts[owner])
    element = elements[int(position)] = {**elements[int(position)]}
    return copy, element, field
