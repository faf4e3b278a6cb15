"""One validator for every body with facts: the quick check, and the schema that names faults."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError, fields
from tests.unit.rules.parcels import VOCABULARY_TABLES, coded, fact

from rules import Vocabulary
from rules.catalogue.serving.bodies import EvaluationBody, FactInputs, quick_schema
from rules.catalogue.serving.inputs import Dialect

DERIVED = {
    "section": "shipment",
    "derived": True,
    "fact": [fact("asked_days_ago", "ages", values=coded("fragile", "colour"), maximum=99)],
    "list": [
        {
            "name": "stops",
            "label": "Stops",
            "maximum_items": 2,
            "field": [fact("left_days_ago", "days_ago", maximum=9)],
        }
    ],
}
TEXT = {
    "section": "shipment",
    "fact": [fact("labels", "codes", values=coded("a"))],
}
TABLES = {
    name: table
    | {"list": [entry | {"maximum_items": 3} for entry in table.get("list", ())]}
    for name, table in VOCABULARY_TABLES.items()
}  # fmt: skip
VOCABULARY = Vocabulary({**TABLES, "y.toml": TEXT, "z.toml": DERIVED})
SUBMITTED = quick_schema("Submission", FactInputs(VOCABULARY, Dialect()).all)


def needs_distance(subject: Any) -> dict[str, Any]:
    shipment = subject.get("shipment") or {}
    return {"shipment": ["The distance is missing."]} if "fragile" in shipment and (
        "distance_km" not in shipment
    ) else {}  # fmt: skip


BODY = EvaluationBody(
    VOCABULARY, "load", "Text stays.", {"owner": "Nobody is named."}, check=needs_distance
)
EVALUATED = BODY.schema({"extra": fields.Integer(strict=True)})
ON = dt.date(2026, 11, 22)


def faults(schema: Schema, body: Any) -> Any:
    with pytest.raises(ValidationError) as refused:
        schema.load(body)
    return refused.value.normalized_messages()


def test_a_submission_has_dates_and_text_and_nothing_that_is_derived() -> None:
    body = {"shipment": {"ordered_on": "2026-11-01", "remark": "typed", "labels": {"a": True}}}
    assert SUBMITTED.load(body) is body
    assert (
        "ordered_days_ago" in faults(SUBMITTED, {"shipment": {"ordered_days_ago": 3}})["shipment"]
    )
    for name in ("asked_days_ago", "stops"):
        assert name in faults(SUBMITTED, {"shipment": {name: None}})["shipment"]
    assert "stops" in faults(SUBMITTED, {"stops": []})


def test_what_is_evaluated_is_spelled_as_in_events_or_with_dates() -> None:
    spelled = [{"ordered_on": "2026-11-01"}, {"ordered_days_ago": 21}]
    loaded = [EVALUATED.load({"on": "2026-11-22", "load": {"shipment": one}}) for one in spelled]
    assert [BODY.facts(body, ON)["shipment"] for body in loaded] == [{"ordered_days_ago": 21}] * 2


def test_what_is_derived_is_taken_inside_its_section() -> None:
    shipment = {"asked_days_ago": {"fragile": 3}, "stops": [{"left_days_ago": 1}]}
    body = EVALUATED.load({"load": {"shipment": shipment}})
    assert body["on"] is None
    assert BODY.facts(body, ON) == {"shipment": shipment}
    assert "stops" in faults(EVALUATED, {"load": {"stops": []}})["load"]
    for bad in ({"asked_days_ago": {"fragile": -1}}, {"stops": [{}, {}, {}]}):
        assert faults(EVALUATED, {"load": {"shipment": bad}})


def test_others_false_denies_every_member_that_is_not_listed() -> None:
    body = EVALUATED.load({"load": {"shipment": {"papers": {"permit": True, "others": False}}}})
    papers = BODY.facts(body, ON)["shipment"]["papers"]
    assert papers["permit"] is True
    assert set(papers.values()) == {True, False}


@pytest.mark.parametrize(
    ("body", "places"),
    [
        ({}, {"load"}),
        ({"load": {"owner": "x"}}, {"owner"}),
        ({"load": {"shipment": {"remark": "x"}}}, {"shipment"}),
        ({"load": {}, "extra": "1"}, {"extra"}),
        ({"load": {}, "zebra": 1}, {"zebra"}),
        ({"load": {"shipment": {"fragile": True}}}, {"shipment"}),
        ({"load": {"shipment": {"distance_km": "x"}, "parcels": 5}}, {"shipment", "parcels"}),
    ],
)
def test_each_fault_has_its_place(body: Any, places: set[str]) -> None:
    found = faults(EVALUATED, body)
    inner = found.get("load")
    assert (set(inner) if isinstance(inner, dict) else set(found)) == places


def test_a_date_to_come_is_refused_by_the_day_to_judge_by() -> None:
    body = {"on": "2026-11-22", "load": {"scans": [{"scanned_on": "2026-11-23"}]}}
    assert "2026-11-22" in str(faults(EVALUATED, body)["load"]["scans"][0]["scanned_on"])


LEAF = st.sampled_from([None, True, 0, 3, 3.0, -1, 2.5, "red", "x", "2026-11-01", [], {}, "a\n"])
NAMES = st.sampled_from(
    ["distance_km", "colour", "papers", "ordered_on", "ordered_days_ago", "permit", "others", "id",
     "weight_kg", "asked_days_ago", "fragile", "stops", "labels", "a", "zebra"]
)  # fmt: skip
INNER = st.dictionaries(NAMES, LEAF | st.dictionaries(NAMES, LEAF, max_size=2), max_size=3)
BODIES = st.dictionaries(
    st.sampled_from(["shipment", "parcels", "scans", "stops", "zebra"]),
    INNER | st.lists(INNER, max_size=4) | LEAF,
    max_size=3,
)


def slowly(schema: Any, body: Any) -> Any:
    try:
        return Schema.load(schema, body)
    except ValidationError:
        return None


@settings(max_examples=300)
@given(BODIES)
def test_what_looks_flawless_is_taken_unchanged_by_the_schema(body: Any) -> None:
    for schema, document in ((SUBMITTED, body), (EVALUATED, {"load": body, "on": None})):
        if schema.is_flawless(document):
            assert slowly(schema, document) == document
