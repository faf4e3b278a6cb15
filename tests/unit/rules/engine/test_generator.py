"""Conditions on lists: absent, complete, incomplete, nested and matched."""

import pytest
from tests.unit.rules.parcels import compiled, rule

SEALED = {"item": "sealed", "equals": True}
WHOLE = {"sealed": True}
BROKEN = {"sealed": False}
QUESTIONS = {
    "any": {"any_of": "parcels", "where": SEALED},
    "all": {"all_of": "parcels", "where": SEALED},
    "none": {"none_of": "parcels", "where": SEALED},
    "two or more": {"count_of": "parcels", "where": SEALED, "at_least": 2},
    "at most one": {"count_of": "parcels", "where": SEALED, "at_most": 1},
    "exactly one": {"count_of": "parcels", "where": SEALED, "exactly": 1},
}
GAP = {"parcel_count": 4}
ANSWERS = [
    ({}, [None, None, None, None, None, None]),
    ({"parcels": []}, [False, True, True, False, True, False]),
    ({"parcels": [WHOLE]}, [True, True, False, False, True, True]),
    ({"parcels": [BROKEN]}, [False, False, True, False, True, False]),
    ({"parcels": [{}]}, [None, None, None, False, True, None]),
    ({"parcels": [WHOLE, {}]}, [True, None, False, None, None, None]),
    ({"parcels": [WHOLE, WHOLE, BROKEN]}, [True, False, False, True, False, False]),
    ({"parcels": [WHOLE], **GAP}, [True, None, False, None, None, None]),
    ({"parcels": [BROKEN], **GAP}, [None, False, None, None, None, None]),
    ({"parcels": [WHOLE, WHOLE], **GAP}, [True, None, False, True, False, False]),
    ({"parcels": [], **GAP}, [None, None, None, None, None, None]),
    ({"parcels": [WHOLE], "parcel_count": 1}, [True, True, False, False, True, True]),
    ({"parcels": [WHOLE], "parcel_count": 0}, [True, True, False, False, True, True]),
]


@pytest.mark.parametrize(("facts", "expected"), ANSWERS)
def test_a_question_about_a_list_is_answered_as_far_as_the_list_is_known(facts, expected):
    rules = compiled(*(rule(name, when) for name, when in QUESTIONS.items()))
    evaluation = rules.evaluate(facts)
    assert [evaluation.verdict(name) for name in QUESTIONS] == expected
    explained = [rules.explain(facts, evaluation, name)["verdict"] for name in QUESTIONS]
    assert explained == expected


def test_an_absent_list_of_events_means_that_nothing_happened():
    late = {"item": "after", "above": 3}
    asked = {"any_of": "scans", "where": late}
    listed = {"fact": "scans", "known": True}
    rules = compiled(
        rule("R", asked),
        rule("O", late, "scans"),
        rule("N", {"not": asked}),
        rule("K", listed),
    )
    assert rules.evaluate({}).verdicts == {"R": False, "O": False, "N": True, "K": True}
    vague = rules.evaluate({"scans": [{}]})
    assert vague.verdicts == {"R": None, "O": None, "N": None, "K": True}
    explained = rules.explain({}, rules.evaluate({}), "R")
    assert (explained["verdict"], explained["children"]) == (False, [])
    assert rules.explain({}, rules.evaluate({}), "K")["value"] == 0


MATCHED = {"matching": "parcel_id", "where": {"item": "after", "above": 3}}
JOINS = {
    "any": {"any_of": "scans", **MATCHED},
    "all": {"all_of": "scans", **MATCHED},
    "none": {"none_of": "scans", **MATCHED},
    "one": {"count_of": "scans", "at_least": 1, **MATCHED},
}
MATCHES = [
    ([{"parcel_id": "a", "after": 5}], [True, True, False, True]),
    ([{"parcel_id": "a", "after": 1}], [False, False, True, False]),
    ([{"parcel_id": "b", "after": 5}], [False, True, True, False]),
    ([{"after": 5}], [None, True, None, None]),
    ([{"after": 1}], [False, None, True, False]),
    ([{"parcel_id": "a"}], [None, None, None, None]),
    ([], [False, True, True, False]),
]


@pytest.mark.parametrize(("scans", "expected"), MATCHES)
def test_only_elements_that_name_the_outer_one_count(scans, expected):
    rules = compiled(*(rule(name, when, "parcels") for name, when in JOINS.items()))
    facts = {"parcels": [{"id": "a"}], "scans": scans}
    evaluation = rules.evaluate(facts)
    assert [evaluation.items(name)[0] for name in JOINS] == expected
    explained = [rules.explain(facts, evaluation, name, 0)["verdict"] for name in JOINS]
    assert explained == expected


def test_an_outer_element_without_an_id_matches_nobody_for_certain():
    rules = compiled(rule("R", JOINS["any"], "parcels"))
    facts = {"parcels": [{}], "scans": [{"parcel_id": "a", "after": 5}]}
    assert rules.evaluate(facts).items("R") == [None]


def test_a_rule_over_a_list_lends_each_element_its_own_verdict():
    rules = compiled(
        rule("A", SEALED, "parcels"),
        rule("B", {"not": {"rule": "A"}}, "parcels"),
        rule("C", {"rule": "A"}),
        rule("D", {"all": [{"rule": "C"}, {"rule": "B"}]}, "parcels"),
        rule("E", {"any_of": "parcels", "where": {"all": [{"rule": "A"}, {"rule": "C"}]}}),
    )
    evaluation = rules.evaluate({"parcels": [WHOLE, BROKEN, {}]})
    assert evaluation.items("B") == [False, True, None]
    assert evaluation.verdict("C") is True
    assert evaluation.items("D") == [False, True, None]
    assert evaluation.verdict("E") is True


def test_an_inner_condition_reaches_the_outer_element():
    heavier = {"outer_item": "weight_kg", "above": 10}
    inner = {"any_of": "parcels", "where": {"all": [heavier, SEALED]}}
    rules = compiled(rule("R", inner, "parcels"), rule("S", {"any_of": "parcels", "where": inner}))
    evaluation = rules.evaluate({"parcels": [{"weight_kg": 20}, {"weight_kg": 5, "sealed": True}]})
    assert evaluation.items("R") == [True, False]
    assert evaluation.verdict("S") is True


def test_two_numbers_are_compared_inside_and_outside_a_list():
    rules = compiled(
        rule("A", {"compare": ["before", "after"], "is": "above"}, "scans"),
        rule("B", {"compare": ["speed", "limit"], "is": "at_most"}),
        rule("C", {"compare": ["before", "limit"], "is": "equals"}, "scans"),
        rule("D", {"fall_percent": ["before", "after"], "at_least": 50}, "scans"),
        rule("E", {"fall_points": ["before", "after"], "between": [2, 4]}, "scans"),
    )
    scans = [{"before": 8, "after": 4}, {"before": 0, "after": 0}, {"before": 5}]
    evaluation = rules.evaluate({"speed": 5, "limit": 5, "scans": scans})
    assert evaluation.items("A") == [True, False, None]
    assert evaluation.verdict("B") is True
    assert evaluation.items("C") == [False, False, True]
    assert evaluation.items("D") == [True, None, None]
    assert evaluation.items("E") == [True, False, None]
