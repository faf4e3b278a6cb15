"""Citations in full, for every key that a document names."""

from collections.abc import Iterator, Mapping
from typing import Any

from chassis.knowledge.sources import citation
from diagnosis.domain.ruleset import RulesInForce

CITING = ("red_flags", "reasons", "differentials", "examinations")


def cited(rules: RulesInForce, document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Collect the bibliography entries of all ``sources`` in a document, by key."""
    bibliography = rules.ruleset.knowledge.bibliography
    keys = {key for part in CITING for key in _keys(document[part])}
    return {key: citation(bibliography[key]) for key in sorted(keys)}


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value.get("sources", ())
        for part in value.values():
            yield from _keys(part)
    elif isinstance(value, list):
        for part in value:
            yield from _keys(part)
