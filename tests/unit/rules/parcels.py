"""A neutral world for the tests: parcels, scans and who carries them."""

import copy
import datetime as dt
from typing import Any

from rules import Knowledge, Vocabulary, WhatIfRules, in_force
from rules.language.loader import build

ON = dt.date(2026, 11, 22)
SMITH = {"Smith2020": {"title": "Lifting"}}


def fact(name: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "label": name.replace("_", " ").capitalize(), "type": kind, **more}


def coded(*codes: str) -> list[dict[str, str]]:
    return [{"code": code, "label": f"{code} one"} for code in codes]


PARCEL = [
    fact("id", "id"),
    fact("weight_kg", "number", unit="kg", minimum=0, maximum=100),
    fact("sealed", "boolean"),
    fact("marks", "codes", values=coded("up")),
]
SCAN = [
    fact("parcel_id", "ref"),
    fact("before", "number"),
    fact("after", "number"),
    fact("scanned_on", "date"),
]
VOCABULARY_TABLES: dict[str, Any] = {
    "shipment.toml": {
        "section": "shipment",
        "fact": [
            fact("distance_km", "integer", unit="km", minimum=0, maximum=1000),
            fact("speed", "number"),
            fact("limit", "number"),
            fact("fragile", "boolean"),
            fact("insured", "boolean"),
            fact("colour", "code", values=coded("red", "blue", "grey")),
            fact("papers", "codes", values=coded("invoice", "permit")),
            fact("ordered_on", "date"),
            fact("remark", "text", stays="here"),
            fact("parcel_count", "integer"),
        ],
        "list": [
            {"name": "parcels", "label": "Parcels", "count": "parcel_count", "field": PARCEL},
            {"name": "scans", "label": "Scans", "recorded": True, "field": SCAN},
        ],
    }
}
HEAVY = {"item": "weight_kg", "at_least": 20}
ZERO = {"fact": "distance_km", "above": 5}
SCANNED = {"any_of": "scans", "matching": "parcel_id", "where": {"item": "before", "above": 1}}
OVER = {"all": [{"defined": "heavy"}, SCANNED]}


def vocabulary() -> Vocabulary:
    return Vocabulary(copy.deepcopy(VOCABULARY_TABLES))


def rule(name: str, when: Any, over: str | None = None, **changes: Any) -> dict[str, Any]:
    """A rule as written; ``changes`` go into its version, or into its head."""
    version: dict[str, Any] = {
        "in_force": {"from": "2026-01-01"},
        "strength": "weak",
        "because": "It was decided so.",
        "sources": ["Smith2020"],
        "when": when,
        "then": {},
    }
    head = {"id": name, "title": f"Rule {name}", "status": "active"}
    for key, value in changes.items():
        (head if key in {"status", "title", "extra", "version"} else version)[key] = value
    return {**({"over": over} if over else {}), "version": [version], **head}


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


def compiled(*rules: dict[str, Any], **changes: Any) -> WhatIfRules:
    return in_force(knowledge(*rules, **changes), ON)


def judged(when: Any, facts: dict[str, Any], over: str | None = None) -> bool | None:
    """The verdict of one rule with that condition."""
    return compiled(rule("R", when, over)).evaluate(facts).verdict("R")


def rules_with(when: Any, over: str | None = None) -> WhatIfRules:
    """A rule R with that condition, beside what a condition may refer to."""
    return compiled(
        rule("R", when, over),
        rule("R-0", ZERO),
        rule("R-over", OVER, "parcels"),
        definitions=[definition("heavy", HEAVY, "parcels")],
        external=["EXT"],
    )
