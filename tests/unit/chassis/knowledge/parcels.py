"""A neutral world for the tests: parcels, scans and who carries them."""

import copy
import datetime as dt
from typing import Any

from chassis.knowledge import Compiled, Knowledge, Vocabulary
from chassis.knowledge.loader import build

ON = dt.date(2026, 11, 22)
SMITH = {"Smith2020": {"title": "Lifting"}}

VOCABULARY_TABLES: dict[str, Any] = {
    "shipment.toml": {
        "section": "shipment",
        "fact": [
            {"name": "distance_km", "label": "Distance", "type": "integer", "unit": "km", "minimum": 0, "maximum": 1000},
            {"name": "speed", "label": "Speed", "type": "number"},
            {"name": "limit", "label": "Speed limit", "type": "number"},
            {"name": "fragile", "label": "Fragile", "type": "boolean"},
            {"name": "insured", "label": "Insured", "type": "boolean"},
            {"name": "colour", "label": "Colour", "type": "code", "values": [
                {"code": "red", "label": "red"}, {"code": "blue", "label": "blue"}, {"code": "grey", "label": "grey"}]},
            {"name": "papers", "label": "Papers", "type": "codes", "values": [
                {"code": "invoice", "label": "invoice"}, {"code": "permit", "label": "permit"}]},
            {"name": "ordered_on", "label": "Ordered", "type": "date"},
            {"name": "remark", "label": "Remark", "type": "text", "stays": "here"},
            {"name": "parcel_count", "label": "Number of parcels", "type": "integer"},
        ],
        "list": [
            {"name": "parcels", "label": "Parcels", "count": "parcel_count", "field": [
                {"name": "id", "label": "Id", "type": "id"},
                {"name": "weight_kg", "label": "Weight", "type": "number", "unit": "kg", "minimum": 0, "maximum": 100},
                {"name": "sealed", "label": "Sealed", "type": "boolean"},
                {"name": "marks", "label": "Marks", "type": "codes", "values": [{"code": "up", "label": "this side up"}]},
            ]},
            {"name": "scans", "label": "Scans", "recorded": True, "field": [
                {"name": "parcel_id", "label": "Parcel", "type": "ref"},
                {"name": "before", "label": "Before", "type": "number"},
                {"name": "after", "label": "After", "type": "number"},
                {"name": "scanned_on", "label": "Scanned", "type": "date"},
            ]},
        ],
    }
}  # fmt: skip


def vocabulary() -> Vocabulary:
    return Vocabulary(copy.deepcopy(VOCABULARY_TABLES))


def rule(name: str, when: Any, over: str | None = None, **changes: Any) -> dict[str, Any]:
    version = {
        "in_force": {"from": "2026-01-01"},
        "strength": "weak",
        "because": "It was decided so.",
        "sources": ["Smith2020"],
        "when": when,
        "then": {},
    }
    head = {"id": name, "title": f"Rule {name}", "status": "active"}
    if over:
        head["over"] = over
    version.update(
        {
            key: value
            for key, value in changes.items()
            if key in {"in_force", "strength", "sources", "then"}
        }
    )
    head.update({key: value for key, value in changes.items() if key in {"status", "title"}})
    return {**head, "version": [version]}


def definition(name: str, when: Any, over: str | None = None) -> dict[str, Any]:
    head = {"id": name, "because": "It is so.", "sources": ["Smith2020"], "when": when}
    return {**head, "over": over} if over else head


def content(
    *rules: dict[str, Any], definitions: Any = (), external: Any = (), **changes: Any
) -> dict[str, Any]:
    return {
        "ruleset": {"version": "2026.1"},
        "bibliography": SMITH,
        "rules": {f"{entry['id']}.toml": entry for entry in rules},
        "definitions": {f"definitions/{entry['id']}.toml": entry for entry in definitions},
        "other": {},
        "external": sorted(external),
        **changes,
    }


def knowledge(*rules: dict[str, Any], **changes: Any) -> Knowledge:
    return build(content(*rules, **changes), vocabulary())


def compiled(*rules: dict[str, Any], **changes: Any) -> Compiled:
    return knowledge(*rules, **changes).in_force(ON)


def judged(
    when: Any, facts: dict[str, Any], over: str | None = None, **changes: Any
) -> bool | None:
    """The verdict of one rule with that condition."""
    return compiled(rule("R", when, over), **changes).evaluate(facts).verdict("R")
