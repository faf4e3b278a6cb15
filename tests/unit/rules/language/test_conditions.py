"""Conditions that cannot be meant are refused."""

import pytest
from tests.unit.rules.parcels import definition, knowledge, rule

from rules import KnowledgeError

FINE = {"fact": "fragile", "equals": True}
HEAVY = definition("heavy", {"item": "weight_kg", "at_least": 20}, "parcels")


def refused(*rules, **changes) -> list[str]:
    with pytest.raises(KnowledgeError) as caught:
        knowledge(*rules, **changes)
    assert str(caught.value) == "\n".join(caught.value.problems)
    return caught.value.problems


CONDITIONS = [
    ("fragile", "when: a condition is a table."),
    ({}, "when: a condition has exactly one operator, found nothing."),
    ({"is": 1}, "when: a condition has exactly one operator, found is."),
    ({"all": [FINE], "any": [FINE]}, "when: a condition has exactly one operator, found all an"),
    ({"all": []}, "when.all: expects a list of conditions."),
    ({"any": FINE}, "when.any: expects a list of conditions."),
    ({"not": {"all": [FINE, {}]}}, "when.not.all[1]: a condition has exactly one operator"),
    ({"all": [FINE], "where": FINE}, "when: where does not belong here."),
    ({"count": [FINE]}, "when: a count needs one whole number: at_least, at_most, exactly."),
    ({"count": [FINE], "at_least": True}, "when: a count needs one whole number: at_le"),
    ({"count": [FINE], "at_least": 2}, "when: 2 of 1 conditions can never be counted."),
    ({"fact": "fragil", "equals": True}, "when: there is no fact called fragil; is fragile meant"),
    ({"fact": "zzz", "equals": True}, "when: there is no fact called zzz."),
    ({"fact": 3, "equals": True}, "when: fact expects a name."),
    ({"fact": "fragile"}, "when: a comparison is one of equals, not_equals"),
    ({"fact": "fragile", "equals": True, "known": True}, "when: a comparison is one of"),
    ({"fact": "fragile", "equals": "yes"}, "when: fragile is true or false, not 'yes'."),
    ({"fact": "fragile", "above": 1}, "when: fragile has no order; above cannot be asked."),
    ({"fact": "colour", "between": ["blue", "red"]}, "when: colour has no order; between"),
    ({"fact": "fragile", "known": 1}, "when: known is true or false."),
    ({"fact": "colour", "equals": "green"}, "when: colour is never green; it is one of red, b"),
    ({"fact": "colour", "in": ["red", "green"]}, "when: colour is never green"),
    ({"fact": "colour", "in": "red"}, "when: in expects a list of values."),
    ({"fact": "colour", "not_in": []}, "when: not_in expects a list of values."),
    ({"fact": "distance_km", "equals": True}, "when: distance_km is a number, not True."),
    ({"fact": "distance_km", "between": [1]}, "when: between expects two numbers."),
    ({"fact": "papers", "known": True}, "when: papers is a set; ask for a member, such as"),
    ({"fact": "remark", "equals": "x"}, "when: remark is text; it can only be asked"),
    ({"fact": "parcels", "equals": 1}, "when: a list can only be asked whether it is known."),
    ({"item": "weight_kg", "above": 1}, "when: item stands outside any list."),
    ({"outer_item": "weight_kg", "above": 1}, "when: outer_item stands outside any list."),
    ({"any_of": "parcels", "where": {"outer_item": "id", "known": True}},
     "when.where: outer_item stands outside any list."),
    ({"any_of": "parcels", "where": {"item": "colour", "equals": "red"}},
     "when.where: there is no field of parcels called colour."),
    ({"any_of": "boxes", "where": FINE}, "when: there is no list called boxes."),
    ({"any_of": "parcels"}, "when: any_of needs a where."),
    ({"all_of": "parcels", "where": FINE, "at_least": 1}, "when: at_least does not belong here."),
    ({"count_of": "parcels", "where": FINE}, "when: a count needs one whole number"),
    ({"none_of": "scans", "where": FINE, "matching": "parcel_id"},
     "when: matching needs an outer element to match."),
    ({"any_of": "scans", "where": {"any_of": "parcels", "where": FINE, "matching": "id"}},
     "when.where: matching needs elements of scans to have an id."),
    ({"any_of": "parcels", "where": {"any_of": "scans", "where": FINE, "matching": "box"}},
     "when.where: there is no field of scans called box."),
    ({"rule": "R-9"}, "when: there is no rule called R-9"),
    ({"defined": "heav"}, "when: there is no definition called heav; is heavy meant?."),
    ({"compare": ["speed", "limit"]}, "when: compare needs is = one of above"),
    ({"compare": ["speed"], "is": "above"}, "when: expects two names."),
    ({"compare": "speed", "is": "above"}, "when: expects two names."),
    ({"compare": ["speed", "fragile"], "is": "above"}, "when: fragile is not a number."),
    ({"compare": ["speed", "parcels"], "is": "above"}, "when: parcels is not a number."),
    ({"compare": ["speed", "spede"], "is": "above"}, "when: there is no fact called spede"),
    ({"fall_percent": ["speed", "nothing"], "above": 1}, "when: there is no fact called nothing."),
    ({"fall_points": ["speed", "limit"], "above": "a"}, "when: fall is a number, not 'a'."),
]  # fmt: skip


@pytest.mark.parametrize(("when", "sentence"), CONDITIONS, ids=[text for _, text in CONDITIONS])
def test_a_condition_that_cannot_be_meant_is_refused(when, sentence):
    problems = refused(rule("R", when), definitions=[HEAVY])
    assert problems[0].startswith(f"R.toml: from 2026-01-01: {sentence.removesuffix('.')}")
