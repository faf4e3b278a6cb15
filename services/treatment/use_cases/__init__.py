"""What treatment can do; each function works in a transaction that its caller opened."""

from treatment.use_cases.documents import (
    EXPLAINED,
    JSON,
    TEXT,
    NotYetPlanned,
    keep_served,
    prove_plan,
    served_digest,
    show_plan,
    write_plan,
)
from treatment.use_cases.evaluating import (
    Evaluated,
    NoGuidanceThen,
    evaluate,
    evaluated_document,
    evaluated_explanation,
)
from treatment.use_cases.guidance import (
    about_guidance,
    guidance_versions,
    how_decisive,
    how_used,
    keep_guidance,
)
from treatment.use_cases.planning import case_of
from treatment.use_cases.recommending import note_trouble, recommend_plan, recommend_plans

__all__ = [
    "EXPLAINED",
    "JSON",
    "TEXT",
    "Evaluated",
    "NoGuidanceThen",
    "NotYetPlanned",
    "about_guidance",
    "case_of",
    "evaluate",
    "evaluated_document",
    "evaluated_explanation",
    "guidance_versions",
    "how_decisive",
    "how_used",
    "keep_guidance",
    "keep_served",
    "note_trouble",
    "prove_plan",
    "recommend_plan",
    "recommend_plans",
    "served_digest",
    "show_plan",
    "write_plan",
]
