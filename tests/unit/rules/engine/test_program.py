"""Judging again after a change equals judging afresh."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.rules.parcels import rules_with
from tests.unit.rules.worlds import FACTS, conditions

CONDITIONS = st.one_of(
    st.tuples(conditions(("parcels",)), st.just("parcels")), st.tuples(conditions(), st.none())
)
CHANGES = st.sampled_from(
    [
        ("distance_km", 30),
        ("fragile", True),
        ("colour", "blue"),
        ("parcel_count", 4),
        ("parcels", []),
        ("parcels", [{"id": "a", "weight_kg": 30}]),
        ("remark", "new"),
        ("scans", [{"parcel_id": "a", "before": 5}]),
    ]
)


@settings(max_examples=150, deadline=None)
@given(when=CONDITIONS, facts=FACTS, change=CHANGES)
def test_judging_again_after_one_change_equals_judging_afresh(when, facts, change):
    rules, (name, value) = rules_with(*when), change
    again = rules.with_fact(rules.evaluate(facts), name, value)
    assert again.state == rules.evaluate({**facts, name: value}).state


@settings(max_examples=100, deadline=None)
@given(when=conditions(("parcels",)), facts=FACTS)
def test_judging_again_after_an_element_changed_equals_judging_afresh(when, facts):
    facts = {**facts, "parcels": [{"id": "a", "weight_kg": 1}, {"id": "b"}]}
    rules = rules_with(when, "parcels")
    again = rules.with_fact(rules.evaluate(facts), "parcels[1].weight_kg", 30)
    fresh = {**facts, "parcels": [{"id": "a", "weight_kg": 1}, {"id": "b", "weight_kg": 30}]}
    assert again.facts == fresh
    assert again.state == rules.evaluate(fresh).state
