"""The generated function, the interpreter and a naive judge agree on everything."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.rules.naive import NO, OPEN, YES, Naive
from tests.unit.rules.parcels import HEAVY, OVER, ZERO, rules_with
from tests.unit.rules.shipments import shipment_rules
from tests.unit.rules.worlds import FACTS, conditions

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


@given(scans=st.lists(st.sampled_from([{}, {"before": 0}, {"before": 7}]), max_size=3))
def test_a_list_asked_inside_itself_reads_its_own_innermost_element(scans):
    inner = {"any_of": "scans", "where": {"item": "before", "equals": 0}}
    nested = {"any_of": "scans", "where": inner}
    facts = {"parcels": [{}], "scans": scans}
    expected = rules_with(inner).evaluate(facts).verdict("R")
    assert rules_with(nested, "parcels").evaluate(facts).verdict("R") is expected


def test_verdicts_of_elements_are_in_the_order_of_the_list():
    rules = shipment_rules()
    evaluation = rules.evaluate({"parcels": [{"weight_kg": 31}, {"weight_kg": 1}, {}]})
    assert evaluation.definition_items("heavy") == [True, False, None]
    assert evaluation.definition("heavy") is True
    assert evaluation.verdicts["A"] is True
    assert evaluation.of(("defined", "heavy"), 2) is None
