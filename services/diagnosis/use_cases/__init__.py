"""What diagnosis can do; each function works in a transaction that its caller opened."""

from diagnosis.use_cases.assessing import (
    NoRulesThen,
    assess,
    assess_cases,
    evaluate,
    note_trouble,
    outgoing,
)
from diagnosis.use_cases.catalogue import (
    about_rules,
    how_decisive,
    how_used,
    keep_ruleset,
    rulesets,
)
from diagnosis.use_cases.documents import (
    NotYetAssessed,
    full_assessment,
    note_served,
    prove_assessment,
    show_assessment,
    was_served,
)

__all__ = [
    "NoRulesThen",
    "NotYetAssessed",
    "about_rules",
    "assess",
    "assess_cases",
    "evaluate",
    "full_assessment",
    "how_decisive",
    "how_used",
    "keep_ruleset",
    "note_served",
    "note_trouble",
    "outgoing",
    "prove_assessment",
    "rulesets",
    "show_assessment",
    "was_served",
]
