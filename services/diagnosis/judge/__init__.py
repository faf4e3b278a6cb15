"""What diagnosis decides: pure functions of facts, rules and a date; no sentence is in them."""

from diagnosis.judge.changes import newly_active
from diagnosis.judge.computed import computed_from
from diagnosis.judge.decision import Decision
from diagnosis.judge.decisive import can_decide, decisive_verdict, tallied
from diagnosis.judge.evaluated import Evaluated, evaluate
from diagnosis.judge.judging import Subject, decide, judge
from diagnosis.judge.ruleset import EVALUATOR, FOLDER, Ruleset, RulesInForce, load_ruleset

__all__ = [
    "EVALUATOR",
    "FOLDER",
    "Decision",
    "Evaluated",
    "RulesInForce",
    "Ruleset",
    "Subject",
    "can_decide",
    "computed_from",
    "decide",
    "decisive_verdict",
    "evaluate",
    "judge",
    "load_ruleset",
    "newly_active",
    "tallied",
]
