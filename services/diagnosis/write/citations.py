"""Citations in full, for every key that a document names."""

from collections.abc import Mapping
from typing import Any

from diagnosis.judge.ruleset import RulesInForce
from rules.catalogue.sources import all_citations, named

CITING = ("red_flags", "reasons", "differentials", "examinations")


def cited(rules: RulesInForce, document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Collect the bibliography entries of all ``sources`` in a document, by key."""
    citations = all_citations(rules.ruleset.knowledge)
    keys = named(document[part] for part in CITING)
    return {key: dict(citations[key]) for key in sorted(keys)}
