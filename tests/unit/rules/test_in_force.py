"""Which rules judge on which day."""

import datetime as dt

import pytest
from tests.unit.rules.parcels import ON, compiled, knowledge, rule
from tests.unit.rules.shipments import FINE

from rules import NothingInForceError, in_force


def test_successive_versions_judge_their_own_days():
    written = rule("R", FINE, in_force={"from": "2026-01-01", "to": "2026-06-01"})
    later = rule("R", {"not": FINE}, in_force={"from": "2026-06-01"})
    written["version"] += later["version"]
    known = knowledge(written)
    facts = {"fragile": True}
    assert in_force(known, dt.date(2026, 5, 31)).evaluate(facts).verdict("R") is True
    assert in_force(known, dt.date(2026, 6, 1)).evaluate(facts).verdict("R") is False
    assert known.first_date == dt.date(2026, 1, 1)
    assert knowledge().first_date is None


def test_a_rule_that_is_not_in_force_yet_is_unknown_to_those_that_use_it():
    later = rule("R-2", FINE, in_force={"from": "2027-01-01"})
    over = rule(
        "R-3", {"item": "sealed", "equals": True}, "parcels", in_force={"from": "2027-01-01"}
    )
    rules = compiled(
        rule("R-1", {"rule": "R-2"}),
        rule("R-4", {"all": [{"rule": "R-3"}, {"item": "sealed", "equals": True}]}, "parcels"),
        later,
        over,
    )
    facts = {"fragile": True, "parcels": [{"sealed": True}, {"sealed": False}]}
    evaluation = rules.evaluate(facts)
    assert evaluation.verdict("R-1") is None
    assert evaluation.items("R-4") == [None, False]
    assert rules.explain(facts, evaluation, "R-1")["verdict"] is None
    assert rules.undecided_facts(evaluation) == set()


def test_nothing_is_judged_by_rules_that_are_not_in_force():
    early = knowledge(rule("R", FINE), rule("D", FINE, status="draft"))
    with pytest.raises(NothingInForceError, match="No rule was in force on 2025-12-31"):
        in_force(early, early.first_date.replace(year=2025, month=12, day=31))
    assert [entry.id for entry in in_force(early, ON).rules] == ["R"]
    with pytest.raises(KeyError):
        in_force(early, ON).evaluate({}).verdict("D")
