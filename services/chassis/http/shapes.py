"""JSON Schema for answers that no schema checks: what is in them, and what may be null."""

from collections.abc import Collection
from typing import Any, Final

Shape = dict[str, Any]

TEXT: Final[Shape] = {"type": "string"}
WHOLE: Final[Shape] = {"type": "integer"}
TRUTH: Final[Shape] = {"type": "boolean"}
DATE: Final[Shape] = {"type": "string", "format": "date"}
MOMENT: Final[Shape] = {"type": "string", "format": "date-time"}
OPEN: Final[Shape] = {"type": "object", "additionalProperties": True}
"""An object whose members are described elsewhere."""


def record(title: str, properties: Shape, optional: Collection[str] = ()) -> Shape:
    """Returns the shape of an object that may grow further members.

    Args:
        title: Its name in generated clients.
        properties: The shapes of its main members.
        optional: The members that can be absent; all others are always there.
    """
    required = [name for name in properties if name not in optional]
    return {"type": "object", "title": title, "required": required, "properties": properties}


def many(items: Shape) -> Shape:
    """Returns the shape of a list."""
    return {"type": "array", "items": items}


def by_name(values: Shape) -> Shape:
    """Returns the shape of an object with any names and values of one shape."""
    return {"type": "object", "additionalProperties": values}


def or_null(shape: Shape) -> Shape:
    """Returns the shape of what can be null as well."""
    return shape | {"type": [shape["type"], "null"]}


NAMED_SET: Final = record("NamedSet", {"version": TEXT, "sha256": TEXT})
VERSION: Final = record("Version", {"service": TEXT, "version": TEXT})
IN_FORCE: Final = record("InForce", {"from": DATE, "to": or_null(DATE)})
RULE_VERSION: Final = record(
    "RuleVersion",
    {
        "in_force": IN_FORCE,
        "strength": or_null(TEXT),
        "strength_note": or_null(TEXT),
        "project_choice": {"description": "What the project decided without a source, if so."},
        "because": TEXT,
        "sources": many(TEXT),
        "in_words": TEXT,
        "when": OPEN,
        "then": OPEN,
    },
)
DEFINITION: Final = record(
    "RuleDefinition",
    {
        "id": TEXT,
        "because": TEXT,
        "in_words": TEXT,
        "sources": many(TEXT),
        "project_choice": or_null(TEXT),
    },
)
HAZARD: Final = record("Hazard", {"id": TEXT, "title": TEXT, "why": TEXT, "shown_by": many(TEXT)})
ATTRIBUTE_USE: Final = record(
    "AttributeUse",
    {"used": TRUTH, "facts": many(TEXT), "through": many(TEXT), "recorded": TRUTH},
)
SOURCE_ATTRIBUTES: Final = record(
    "SourceAttributes",
    {
        "developer": TEXT,
        "funding": TEXT,
        "citations": many(TEXT),
        "release_date": DATE,
        "revision_dates": many(DATE),
        "uses": by_name(ATTRIBUTE_USE),
    },
)
LABEL: Final = record(
    "RuleLabel",
    {
        "intended_use": TEXT,
        "intended_users": TEXT,
        "population": TEXT,
        "evidence_grade": record(
            "EvidenceGrade",
            {
                "strength": TEXT,
                "note": or_null(TEXT),
                "meaning": or_null(TEXT),
                "project_choice": or_null(TEXT),
            },
        ),
        "limits": many(TEXT),
        "hazards": many(HAZARD),
        "source_attributes": SOURCE_ATTRIBUTES,
    },
)
TESTS: Final = record(
    "RuleTests",
    {
        "cases": record("RuleCases", {"count": WHOLE}),
        "cases_of_definitions": by_name(WHOLE),
        "published": record(
            "PublishedCases", {"fires": many(TEXT), "decides_by_firing": many(TEXT)}
        ),
    },
)
USE: Final = record(
    "RuleUse",
    {
        "over": WHOLE,
        "at_most": WHOLE,
        "since": or_null(MOMENT),
        "judged": WHOLE,
        "fired": WHOLE,
        "unknown": WHOLE,
        "decisive": record(
            "Decisive",
            {
                "times": WHOLE,
                "by_firing": WHOLE,
                "by_being_unknown": WHOLE,
                "by_not_firing": WHOLE,
            },
        ),
        "can_be_decisive": TRUTH,
        "decisive_means": TEXT,
    },
)
PROOF: Final[Shape] = {
    "revision": WHOLE,
    "on": DATE,
    "matches": TRUTH,
    "sentence": TEXT,
    "stored_sha256": TEXT,
    "recomputed_sha256": or_null(TEXT),
    "evaluator": record("Evaluators", {"then": or_null(TEXT), "now": TEXT}),
    "covers": TEXT,
    "differences": many(record("Difference", {"pointer": TEXT})),
}
RULE_SUMMARY: Final[Shape] = {
    "id": TEXT,
    "title": TEXT,
    "status": TEXT,
    "in_force": IN_FORCE,
    "strength": or_null(TEXT),
    "because": TEXT,
    "sources": many(TEXT),
}
RULE: Final[Shape] = {
    "id": TEXT,
    "title": TEXT,
    "status": TEXT,
    "sign_off": TEXT,
    "judged_over": or_null(TEXT),
    "versions": many(RULE_VERSION),
    "definitions": many(DEFINITION),
    "rules": many(TEXT),
    "facts": many(TEXT),
    "computed": by_name(many(TEXT)),
    "label": LABEL,
    "tests": TESTS,
    "use": USE,
    "file": TEXT,
    "citations": by_name(OPEN),
}
