"""Decides which treatment is reasonable, what stands against the others, and when to look again."""

from treatment.judge.assessment import AssessmentCompleted
from treatment.judge.checks import check_guidance
from treatment.judge.decide import decided, judge
from treatment.judge.deciding import can_decide, decisive_verdict, tallied, verdict_letters
from treatment.judge.decision import Decision
from treatment.judge.guidance import (
    EVALUATOR,
    FOLDER,
    Guidance,
    in_force,
    load_guidance,
    recorded_facts,
)
from treatment.judge.judging import Case, Judgement, evaluate
from treatment.judge.reading import computed_from

__all__ = [
    "EVALUATOR",
    "FOLDER",
    "AssessmentCompleted",
    "Case",
    "Decision",
    "Guidance",
    "Judgement",
    "can_decide",
    "check_guidance",
    "computed_from",
    "decided",
    "decisive_verdict",
    "evaluate",
    "in_force",
    "judge",
    "load_guidance",
    "recorded_facts",
    "tallied",
    "verdict_letters",
]
