"""The generated function, the step-by-step judge and a naive one say the same of everything."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.rules.naive import NO, OPEN, YES, Naive
from tests.unit.rules.parcels import HEAVY, OVER, ZERO, rules_with
from tests.unit.rules.worlds import FACTS, conditions

from rules import Evaluation

EXTERNAL = st.sampled_from([{}, {"EXT": True}, {"EXT": False}])
VERDICT = {YES: True, NO: False, OPEN: None}


def naive(when: Any, over: str | None, facts: Any, external: Any) -> Naive:
    tables = {
        ("rule", "R"): (over, when),
        ("rule", "R-0"): (None, ZERO),
        ("rule", "R-over"): ("parcels", OVER),
        ("defined", "heavy"): ("parcels", HEAVY),
    }
    return Naive(facts, tables, {"EXT": None} | external)


@settings(max_examples=150, deadline=None)
@given(when=conditions(), facts=FACTS, external=EXTERNAL)
def test_all_judges_agree_on_a_rule_about_the_whole_subject(when, facts, external):
    rules = rules_with(when)
    evaluation = rules.evaluate(facts, external)
    judge = naive(when, None, facts, external)
    assert evaluation.verdict("R") is VERDICT[judge.use("rule", "R", [])]
    assert rules.explain(facts, evaluation, "R")["verdict"] is evaluation.verdict("R")


@settings(max_examples=150, deadline=None)
@given(when=conditions(("parcels",)), facts=FACTS, external=EXTERNAL)
def test_all_judges_agree_on_a_rule_about_each_element(when, facts, external):
    rules = rules_with(when, "parcels")
    evaluation = rules.evaluate(facts, external)
    judge = naive(when, "parcels", facts, external)
    assert evaluation.verdict("R") is VERDICT[judge.use("rule", "R", [])]
    assert rules.explain(facts, evaluation, "R")["verdict"] is evaluation.verdict("R")
    elements = facts.get("parcels") or []
    expected = [VERDICT[judge.judge(when, [("parcels", element)])] for element in elements]
    assert evaluation.items("R") == expected
    explained = [
        rules.explain(facts, evaluation, "R", at)["verdict"] for at in range(len(elements))
    ]
    assert explained == expected


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


@settings(max_examples=150, deadline=None)
@given(when=CONDITIONS, facts=FACTS, change=CHANGES)
def test_what_a_value_shows_is_what_judging_again_shows(when, facts, change):
    rules, (name, value) = rules_with(*when), change
    evaluation = rules.evaluate(facts)
    again = rules.with_fact(evaluation, name, value)
    for view in (rules.view(["R", "heavy"]), rules.view(["R-0"], ["R"])):
        shown = view.trying(evaluation, name)(value)
        assert (shown is None) == (view(again) == view(evaluation))
        state = view.seen(evaluation, name, shown)
        assert state is None or view(Evaluation(rules, facts, {}, state)) == view(again)


@settings(max_examples=100, deadline=None)
@given(when=conditions(("parcels",)), facts=FACTS)
def test_judging_again_after_an_element_changed_equals_judging_afresh(when, facts):
    facts = {**facts, "parcels": [{"id": "a", "weight_kg": 1}, {"id": "b"}]}
    rules = rules_with(when, "parcels")
    again = rules.with_fact(rules.evaluate(facts), "parcels[1].weight_kg", 30)
    fresh = {**facts, "parcels": [{"id": "a", "weight_kg": 1}, {"id": "b", "weight_kg": 30}]}
    assert again.facts == fresh
    assert again.state == rules.evaluate(fresh).state


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


@given(scans=st.lists(st.sampled_from([{}, {"before": 0}, {"before": 7}]), max_size=3))
def test_a_list_asked_inside_itself_reads_its_own_innermost_element(scans):
    inner = {"any_of": "scans", "where": {"item": "before", "equals": 0}}
    nested = {"any_of": "scans", "where": inner}
    facts = {"parcels": [{}], "scans": scans}
    expected = rules_with(inner).evaluate(facts).verdict("R")
    assert rules_with(nested, "parcels").evaluate(facts).verdict("R") is expected
