"""The answers of intake as JSON Schema, for the description."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from chassis.http.shapes import DATE, MOMENT, OPEN, TEXT, WHOLE, by_name, many, or_null, record
from intake.brief import Brief


def inlined(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a JSON Schema with the definitions that it refers to in place of the references."""
    definitions = schema.get("$defs", {})

    def resolve(part: Any) -> Any:
        if isinstance(part, list):
            return [resolve(one) for one in part]
        if not isinstance(part, Mapping):
            return part
        if "$ref" in part:
            return resolve(definitions[part["$ref"].rpartition("/")[2]])
        return {name: resolve(one) for name, one in part.items() if name != "$defs"}

    resolved: dict[str, Any] = resolve(schema)
    return resolved


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
    "Summary", {name: or_null(TEXT) for name in ("action", "urgency", "category", "likely")}
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
PREPARED: Final = record("Prepared", {"on": DATE, "facts": OPEN})
BRIEF: Final = inlined(msgspec.json.schema(Brief))
_SECTIONS: Final[dict[str, Any]] = {
    "brief": or_null(BRIEF),
    "assessment": or_null(OPEN),
    "plan": or_null(OPEN),
    "case": OPEN,
    "revisions": many(record("Revision", _REVISION)),
}
CASE_VIEW: Final = record(
    "CaseView",
    {"case_id": TEXT, "reference": TEXT, "newest_revision": WHOLE}
    | {**_REVISION, "opened_at": MOMENT, **_SECTIONS, "links": _LINKS},
    optional=_SECTIONS,
)
RESULT: Final = record(
    "Result",
    {"case_id": TEXT, "revision": WHOLE, "on": DATE, "kind": TEXT}
    | {"decision": OPEN, "brief": BRIEF, "links": _LINKS},
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
