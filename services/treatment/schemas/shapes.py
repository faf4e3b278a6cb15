"""The answers of treatment as JSON Schema, for the description."""

from typing import Final

from chassis.http.shapes import DATE, OPEN, TEXT, WHOLE, by_name, many, or_null, record
from treatment.schemas.catalogue import GuidanceList, GuidanceRule, PlanProof

PLAN: Final = record(
    "Plan",
    {
        "kind": TEXT,
        "case_id": or_null(TEXT),
        "revision": or_null(WHOLE),
        "on": DATE,
        "outcome": TEXT,
        "summary": TEXT,
        "referral": or_null(OPEN),
        "step": OPEN,
        "modalities": many(OPEN),
        "self_care": many(OPEN),
        "diagnostic_block": or_null(OPEN),
        "follow_up": many(OPEN),
        "outcome_of_care": or_null(OPEN),
        "if_it_fails": many(OPEN),
        "safety_net": many(OPEN),
        "missing_findings": many(OPEN),
        "questions": by_name(TEXT),
        "verdicts": by_name({"type": ["boolean", "null"]}),
        "sign_off": TEXT,
        "limits": many(TEXT),
        "guidance": record("GuidanceName", {"version": TEXT, "sha256": TEXT}),
        "ruleset": or_null(OPEN),
        "citations": by_name(OPEN),
        "explanation": by_name(OPEN),
    },
    optional=("explanation",),
)
GUIDANCE: Final = GuidanceList
RULE: Final = GuidanceRule
PROOF: Final = PlanProof
