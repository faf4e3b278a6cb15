"""Every shape from or to the outside."""

from treatment.schemas.evaluation import EVALUATE, EvaluateQuery, assessment, case_facts
from treatment.schemas.guidance import guidance_summary, guidance_view
from treatment.schemas.queries import GuidanceListQuery, PlanQuery

__all__ = [
    "EVALUATE",
    "EvaluateQuery",
    "GuidanceListQuery",
    "PlanQuery",
    "assessment",
    "case_facts",
    "guidance_summary",
    "guidance_view",
]
