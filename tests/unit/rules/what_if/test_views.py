"""A view holds the verdicts that were asked for; a hypothesis shows what judging again shows."""

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.unit.rules.parcels import rules_with
from tests.unit.rules.shipments import shipment_rules
from tests.unit.rules.worlds import FACTS, conditions

from rules import Evaluation


def test_a_view_holds_the_verdicts_that_were_asked_for_and_no_others():
    rules = shipment_rules()
    view = rules.view(["A", "B", "heavy", "unheard of"])
    facts = {"distance_km": 200, "parcels": [{"weight_kg": 10}]}
    evaluation = rules.evaluate(facts)
    assert view(rules.with_fact(evaluation, "colour", "red")) == view(evaluation)
    assert view(rules.with_fact(evaluation, "distance_km", 300)) == view(evaluation)
    assert view(rules.with_fact(evaluation, "distance_km", 50)) != view(evaluation)
    assert view(rules.with_fact(evaluation, "parcels[0].weight_kg", 40)) != view(evaluation)
    two = rules.evaluate({**facts, "parcels": [{"weight_kg": 40}, {"weight_kg": 10}]})
    other = rules.evaluate({**facts, "parcels": [{"weight_kg": 10}, {"weight_kg": 40}]})
    assert two.definition("heavy") is other.definition("heavy")
    assert view(two) != view(other)


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
        ("parcels[0].weight_kg", 30),
        ("parcels[0].sealed", True),
    ]
)


@settings(max_examples=150, deadline=None)
@given(when=CONDITIONS, facts=FACTS, change=CHANGES)
def test_what_a_value_shows_is_what_judging_again_shows(when, facts, change):
    rules, (name, value) = rules_with(*when), change
    assume("[" not in name or facts.get("parcels"))
    evaluation = rules.evaluate(facts)
    again = rules.with_fact(evaluation, name, value)
    for view in (rules.view(["R", "heavy"]), rules.view(["R-0"], ["R"])):
        shown = view.hypothesis(evaluation, name)(value)
        assert (shown is None) == (view(again) == view(evaluation))
        state = view.hypothetical_state(evaluation, name, shown)
        assert state is None or view(Evaluation(rules, facts, {}, state)) == view(again)
