"""Which treatment is reasonable, what stands against the others, and when to look again."""

from treatment.domain.basis import UnreadableAssessment, basis
from treatment.domain.checks import check_guidance
from treatment.domain.deciding import can_decide, tallied, verdict_letters
from treatment.domain.guidance import (
    EVALUATOR,
    FOLDER,
    Guidance,
    in_force,
    load_guidance,
    recorded_facts,
)
from treatment.domain.plan import Decided, Plan, as_bytes, explain, recommend
from treatment.domain.reading import computed_from
from treatment.domain.text import as_text

__all__ = [
    "EVALUATOR",
    "FOLDER",
    "Decided",
    "Guidance",
    "Plan",
    "UnreadableAssessment",
    "as_bytes",
    "as_text",
    "basis",
    "can_decide",
    "check_guidance",
    "computed_from",
    "explain",
    "in_force",
    "load_guidance",
    "recommend",
    "recorded_facts",
    "tallied",
    "verdict_letters",
]
