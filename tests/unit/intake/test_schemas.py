"""The schemas take each fact as the vocabulary describes it, and nothing else."""

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from chassis.http.errors import Problem
from chassis.http.validation import load
from intake.schemas import CASE, FOLLOW_UP, PATCH, VOCABULARY

EVERY = [fact for section in VOCABULARY.sections for fact in section.facts]
FACTS = {fact.written: fact for fact in EVERY if not fact.derived}
DERIVED = [fact for fact in EVERY if fact.derived]
SCALARS = [fact for fact in FACTS.values() if fact.type != "codes"]
SETS = [fact for fact in FACTS.values() if fact.type == "codes"]
LISTS = [entry for entry in VOCABULARY.lists.values() if not entry.derived]
DERIVED_LISTS = [entry for entry in VOCABULARY.lists.values() if entry.derived]
FIELDS = [(entry, fact) for entry in LISTS for fact in entry.fields.values() if fact.type != "id"]


def good(fact):
    if fact.type in ("integer", "number"):
        return [fact.minimum, fact.maximum]
    return {
        "boolean": [True, False],
        "code": list(fact.codes),
        "text": ["x", "ä" * 4000],
        "days_ago": ["2026-02-28"],
        "id": ["a", "Nodule_1-left"],
        "ref": ["a"],
    }[fact.type]


def bad(fact):
    common = [[], {}]
    if fact.type in ("integer", "number"):
        more = [] if fact.type == "number" else [float(fact.minimum) + 0.5]
        outside = [fact.minimum - 1, fact.maximum + 1, 10**400]
        return [*common, "5", True, *outside, *more]
    return (
        common
        + {
            "boolean": ["true", "yes", 0, 1, "false"],
            "code": ["", "no such code", fact.codes[0].upper() if fact.codes else "", 1, True]
            if fact.type == "code"
            else [],
            "text": ["", "x" * 4001, 5],
            "days_ago": ["20260228", "2026-02-30", "2026-W08-6", "28.02.2026", 20260228, ""],
            "id": ["", "a b", "a\n", "-a", "a" * 33, "ä", 5],
            "ref": ["", "a b", "a\n", 5],
        }[fact.type]
    )


@pytest.mark.parametrize("fact", [f for f in SCALARS if f.type == "integer"])
def test_a_whole_number_may_be_written_with_a_point(fact):
    loaded = PATCH.load({fact.home: {fact.written: float(fact.maximum)}})
    assert repr(loaded) == repr({fact.home: {fact.written: fact.maximum}})


@pytest.mark.parametrize("fact", SCALARS, ids=lambda fact: fact.written)
def test_a_fact_takes_what_it_may_hold_and_unknown(fact):
    for value in [*good(fact), None]:
        loaded = PATCH.load({fact.home: {fact.written: value}})
        assert loaded == {fact.home: {fact.written: value}}
        assert type(loaded[fact.home][fact.written]) is type(value)


@pytest.mark.parametrize("fact", SCALARS, ids=lambda fact: fact.written)
def test_a_fact_refuses_everything_else_at_its_place(fact):
    for value in bad(fact):
        with pytest.raises(Problem) as refused:
            load(PATCH, {fact.home: {fact.written: value}})
        (fault,) = refused.value.errors
        assert fault["pointer"] == f"/{fact.home}/{fact.written}"


@pytest.mark.parametrize("entry", [*DERIVED, *DERIVED_LISTS], ids=lambda entry: entry.name)
def test_what_is_derived_is_never_taken(entry):
    for body in ({"care": {entry.name: None}}, {entry.name: []}):
        with pytest.raises(ValidationError):
            CASE.load({"reference": "r"} | body)
        with pytest.raises(ValidationError):
            PATCH.load(body)


@pytest.mark.parametrize("fact", SETS, ids=lambda fact: fact.written)
def test_a_set_takes_yes_no_or_unknown_for_each_member_and_a_no_for_the_others(fact):
    answers = dict(zip(fact.codes, [True, False, None] * 20, strict=False))
    for value in (answers | {"others": False}, {}, None):
        assert PATCH.load({fact.home: {fact.written: value}}) == {fact.home: {fact.written: value}}
    for value in ({"others": True}, {fact.codes[0]: "yes"}, {"zebra": True}, [fact.codes[0]]):
        with pytest.raises(ValidationError):
            PATCH.load({fact.home: {fact.written: value}})


@pytest.mark.parametrize(("entry", "fact"), FIELDS, ids=lambda part: part.name)
def test_a_field_of_a_list_takes_what_it_may_hold(entry, fact):
    needed = {"id": "a"} if "id" in entry.written else {}
    nodules = {} if entry.name == "nodules" else {"nodules": [{"id": "a"}]}
    for value in [*good(fact), None]:
        body = {"reference": "r", **nodules, entry.name: [needed | {fact.written: value}]}
        assert CASE.load(body) == body
    for value in bad(fact):
        with pytest.raises(ValidationError):
            CASE.load({"reference": "r", entry.name: [needed | {fact.written: value}]})


@pytest.mark.parametrize("entry", LISTS, ids=lambda entry: entry.name)
def test_a_list_has_a_limit_and_no_strange_fields(entry):
    element = {"id": "a"} if "id" in entry.written else {}
    too_many = [dict(element) for _ in range(entry.table["maximum_items"] + 1)]
    for value in (too_many, [element | {"zebra": 1}], {}, [None], "x"):
        with pytest.raises(ValidationError):
            CASE.load({"reference": "r", entry.name: value})
    assert CASE.load({"reference": "r", entry.name: None}) == {"reference": "r", entry.name: None}


@pytest.mark.parametrize("reference", ["x", "A 1/2", "é" * 64])
def test_a_reference_is_short_printable_text(reference):
    assert CASE.load({"reference": reference}) == {"reference": reference}


@pytest.mark.parametrize("reference", ["", " x", "x ", "x\n", "a\x00b", "x" * 65, 5, None])
def test_any_other_reference_is_refused(reference):
    with pytest.raises(ValidationError):
        CASE.load({"reference": reference})


def test_only_the_reference_is_required():
    with pytest.raises(ValidationError) as refused:
        CASE.load({})
    assert list(refused.value.normalized_messages()) == ["reference"]


def test_a_follow_up_needs_a_contact_whose_kind_is_not_for_the_client_to_say():
    assert FOLLOW_UP.load({"contact": {}}) == {"contact": {}}
    for body in ({}, {"contact": None}, {"contact": {"kind": "first"}}):
        with pytest.raises(ValidationError):
            FOLLOW_UP.load(body)


def test_the_schemas_were_built_once():
    nested = CASE.fields["patient"].schema
    CASE.load({"reference": "r", "patient": {"age_years": 4}})
    assert CASE.fields["patient"].schema is nested


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                [*FACTS, *VOCABULARY.lists, "patient", "pain", "others", "id", "zebra"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@settings(max_examples=150)
@given(
    st.dictionaries(
        st.sampled_from(["reference", "patient", "pain", "nodules", "labs", "zebra"]), JSON
    )
)
def test_whatever_is_sent_is_taken_or_refused_with_places(document):
    faults = described(document)
    assert all(fault["pointer"].startswith("/") or not fault["pointer"] for fault in faults)
    assert faults or CASE.load(document)
    json.dumps(faults)


def described(document):
    try:
        load(CASE, document)
    except Problem as problem:
        return problem.errors
    return []


def test_a_contradiction_is_told_beside_a_fault_elsewhere():
    tomorrow = date.max.isoformat()
    with pytest.raises(Problem) as refused:
        load(CASE, {"labs": [{"performed_on": tomorrow}], "patient": {"age_years": -1}})
    places = {fault["pointer"] for fault in refused.value.errors}
    assert places == {"/reference", "/labs/0/performed_on", "/patient/age_years"}
