"""The answers of diagnosis as JSON Schema, for the description."""

from typing import Final

from chassis.http.shapes import DATE, OPEN, TEXT, WHOLE, by_name, many, or_null, record
from diagnosis.schemas.catalogue import AssessmentProof, Rule, RuleList

_VERDICTS: Final = by_name({"type": ["boolean", "null"]})

ASSESSMENT: Final = record(
    "Assessment",
    {
        "kind": TEXT,
        "case_id": or_null(TEXT),
        "revision": or_null(WHOLE),
        "on": DATE,
        "summary": TEXT,
        "category": TEXT,
        "likelihood": TEXT,
        "provisional": or_null(OPEN),
        "red_flags": OPEN,
        "reasons": by_name(many(OPEN)),
        "nodules": many(OPEN),
        "competing": {"type": ["boolean", "null"]},
        "competitors": many(TEXT),
        "differentials": many(OPEN),
        "examinations": many(OPEN),
        "proposals": by_name({"type": ["boolean", "null"]}),
        "missing_findings": many(OPEN),
        "facts_used": OPEN,
        "facts_not_examined": many(TEXT),
        "verdicts": _VERDICTS,
        "conclusions": OPEN,
        "sign_off": TEXT,
        "limits": many(TEXT),
        "ruleset": record("RulesetName", {"version": TEXT, "sha256": TEXT}),
        "citations": by_name(OPEN),
        "explanation": by_name(OPEN),
    },
    optional=("explanation",),
)
RULES: Final = RuleList
RULE: Final = Rule
PROOF: Final = AssessmentProof
