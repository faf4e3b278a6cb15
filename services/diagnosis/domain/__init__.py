"""What diagnosis decides: pure functions of facts, rules and a date."""

from diagnosis.domain.assessment import Assessment, assess
from diagnosis.domain.changes import newly_active
from diagnosis.domain.deciding import can_decide, tallied, verdict_letters
from diagnosis.domain.explanation import explain
from diagnosis.domain.reading import computed_from
from diagnosis.domain.ruleset import EVALUATOR, FOLDER, Ruleset, RulesInForce, load_ruleset
from diagnosis.domain.screen_rule import screen_in_words, screen_rests_on, screen_rule
from diagnosis.domain.text import as_text

__all__ = [
    "EVALUATOR",
    "FOLDER",
    "Assessment",
    "RulesInForce",
    "Ruleset",
    "as_text",
    "assess",
    "can_decide",
    "computed_from",
    "explain",
    "load_ruleset",
    "newly_active",
    "screen_in_words",
    "screen_rests_on",
    "screen_rule",
    "tallied",
    "verdict_letters",
]
