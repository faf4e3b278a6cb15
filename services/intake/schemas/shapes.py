"""The answers of intake as JSON Schema, for the description."""

from typing import Final

from chassis.http.shapes import DATE, MOMENT, OPEN, TEXT, WHOLE, by_name, many, or_null, record
from intake.schemas.vocabulary import VocabularyDocument

_PROGRESS: Final = record(
    "Progress",
    {
        "state": TEXT,
        "outcome": or_null(TEXT),
        "waiting_for": or_null(TEXT),
        "stopped": or_null(record("Stopped", {"by": or_null(TEXT), "reason_code": or_null(TEXT)})),
    },
)
_SUMMARY: Final = record(
    "Summary",
    {name: or_null(TEXT) for name in ("category", "likelihood", "assessment", "step", "plan")},
)
_LINKS: Final = by_name(TEXT)
_REVISION: Final = {
    "revision": WHOLE,
    "contact": TEXT,
    "on": DATE,
    "accepted_at": MOMENT,
    "progress": _PROGRESS,
}

ACCEPTED: Final = record(
    "Accepted", {"case_id": TEXT, "revision": WHOLE, "progress": _PROGRESS, "links": _LINKS}
)
CASE_VIEW: Final = record(
    "CaseView",
    {"case_id": TEXT, "reference": TEXT, **_REVISION, "opened_at": MOMENT}
    | {
        "summary": _SUMMARY,
        "missing_findings": many(OPEN),
        "assessment": or_null(OPEN),
        "plan": or_null(OPEN),
        "case": OPEN,
        "revisions": many(record("Revision", _REVISION)),
        "links": _LINKS,
    },
)
CASES: Final = record(
    "CaseList",
    {
        "cases": many(
            record(
                "CaseEntry",
                {"case_id": TEXT, "reference": TEXT, "opened_at": MOMENT}
                | _REVISION
                | {"summary": _SUMMARY, "links": _LINKS},
            )
        )
    },
)
REVISIONS: Final = record(
    "RevisionList",
    {
        "case_id": TEXT,
        "revisions": many(
            record("RevisionEntry", {**_REVISION, "summary": _SUMMARY, "links": _LINKS})
        ),
    },
)
VOCABULARY_VIEW: Final = VocabularyDocument
