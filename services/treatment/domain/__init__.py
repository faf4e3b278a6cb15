"""Which treatment is reasonable, what stands against the others, and when to look again."""

from treatment.domain.basis import UnreadableAssessment, basis
from treatment.domain.guidance import (
    FOLDER,
    Guidance,
    check_guidance,
    in_force,
    load_guidance,
    recorded_facts,
    restore,
)
from treatment.domain.plan import Plan, as_bytes, citation, explain, recommend
from treatment.domain.text import as_text

__all__ = [
    "FOLDER",
    "Guidance",
    "Plan",
    "UnreadableAssessment",
    "as_bytes",
    "as_text",
    "basis",
    "check_guidance",
    "citation",
    "explain",
    "in_force",
    "load_guidance",
    "recommend",
    "recorded_facts",
    "restore",
]
