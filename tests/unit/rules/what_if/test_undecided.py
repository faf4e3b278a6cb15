"""Undecided facts, and no others, can change a verdict."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.rules.parcels import compiled, rule, rules_with
from tests.unit.rules.worlds import FACTS, conditions

EXTERNAL = st.sampled_from([{}, {"EXT": True}, {"EXT": False}])
CONDITIONS = st.one_of(
    st.tuples(conditions(("parcels",)), st.just("parcels")), st.tuples(conditions(), st.none())
)
VALUES = {
    "distance_km": [0, 5, 7, 30],
    "speed": [0, 10],
    "limit": [0, 10],
    "fragile": [True, False],
    "insured": [True, False],
    "colour": ["red", "blue", "grey"],
    "papers.invoice": [True, False],
    "ordered_days_ago": [0, 10, 40],
    "parcels": [[], [{"id": "a", "weight_kg": 30, "sealed": True}]],
    "parcels[0].weight_kg": [0, 10, 30],
    "parcels[0].sealed": [True, False],
    "scans[0].before": [0, 5, 30],
    "scans[0].parcel_id": ["a", "b"],
}


def is_unknown(name: str, facts: Any) -> bool:
    owner, _, field = name.partition("[0].")
    if not field:
        return facts.get(name) is None
    return bool(facts.get(owner)) and facts[owner][0].get(field) is None


@settings(max_examples=150, deadline=None)
@given(when=CONDITIONS, facts=FACTS, external=EXTERNAL)
def test_no_fact_outside_the_undecided_ones_can_change_a_verdict(when, facts, external):
    rules = rules_with(*when)
    evaluation = rules.evaluate(facts, external)
    undecided = rules.undecided_facts(evaluation)
    for name, values in VALUES.items():
        for value in values if name not in undecided and is_unknown(name, facts) else ():
            again = rules.with_fact(evaluation, name, value)
            assert again.verdicts == evaluation.verdicts
            # where one element has settled the whole, others may still be settled by anything
            if evaluation.verdict("R-over") is not True and name != "parcels":
                assert again.items("R-over") == evaluation.items("R-over")


@settings(max_examples=150, deadline=None)
@given(when=CONDITIONS, facts=FACTS)
def test_what_is_undecided_without_any_known_question_names_a_fact(when, facts):
    # to whom scans belong cannot be asked of an element without a name
    if facts.get("parcels"):
        facts = facts | {"parcels": [{"id": "a", **one} for one in facts["parcels"]]}
    rules = rules_with(*when)
    evaluation = rules.evaluate(facts, {"EXT": True})
    if None in evaluation.verdicts.values():
        assert rules.undecided_facts(evaluation)


def test_elements_that_may_be_missing_are_asked_for_by_the_name_of_their_list():
    sealed = {"item": "sealed", "equals": True}
    over = compiled(rule("R", sealed, "parcels"))
    asking = compiled(rule("R", {"any_of": "parcels", "where": sealed}))
    for rules in (over, asking):
        assert rules.undecided_facts(rules.evaluate({})) == {"parcels"}
        assert rules.undecided_facts(rules.evaluate({"parcels": []})) == set()
        counted = rules.evaluate({"parcels": [{"sealed": False}], "parcel_count": 2})
        assert rules.undecided_facts(counted) == {"parcels"}
