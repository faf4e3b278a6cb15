"""What diagnosis decides: pure functions of facts, rules and a date."""

from diagnosis.domain.assessment import Assessment, assess
from diagnosis.domain.changes import newly_active
from diagnosis.domain.explanation import explain
from diagnosis.domain.ruleset import FOLDER, Ruleset, RulesInForce, load_ruleset
from diagnosis.domain.text import as_text

__all__ = [
    "FOLDER",
    "Assessment",
    "RulesInForce",
    "Ruleset",
    "as_text",
    "assess",
    "explain",
    "load_ruleset",
    "newly_active",
]
