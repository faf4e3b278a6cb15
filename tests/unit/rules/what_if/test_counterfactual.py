"""One verdict replaced: judged again exactly as if it had come out so."""

import itertools

import pytest

from rules import Vocabulary, WhatIfRules, in_force
from rules.engine.interpreter import Interpreter
from rules.engine.kleene import CODE, VERDICT
from rules.language.loader import build
from rules.what_if.counterfactual import Counterfactuals

FACTS = {
    "fact": [{"name": "wet", "label": "Wet", "type": "boolean"}],
    "list": [
        {
            "name": "parcels",
            "label": "Parcels",
            "field": [
                {"name": "id", "label": "Id", "type": "id"},
                {"name": "kg", "label": "Weight", "type": "number"},
            ],
        }
    ],
}


def rule(name, when, over=None):
    version = {
        "in_force": {"from": "2026-01-01"},
        "strength": "project choice",
        "because": "It is so.",
        "sources": [],
        "when": when,
        "then": {},
    }
    table = {"id": name, "title": name, "status": "active", "version": [version]}
    return table | ({"over": over} if over else {})


RULES = {
    "a": rule("A", {"fact": "wet", "equals": True}),
    "b": rule("B", {"not": {"rule": "A"}}),
    "c": rule("C", {"all": [{"item": "kg", "at_least": 20}, {"rule": "B"}]}, "parcels"),
    "d": rule("D", {"any_of": "parcels", "where": {"rule": "C"}}),
    "e": rule("E", {"defined": "dry"}),
    "f": rule("F", {"any": [{"defined": "dry"}, {"rule": "D"}]}),
}
DEFINITIONS = {
    "dry": {"id": "dry", "because": "Dry.", "sources": [], "when": {"rule": "B"}},
}
SET = build(
    {
        "ruleset": {"version": "1"},
        "rules": RULES,
        "definitions": DEFINITIONS,
        "bibliography": {},
        "other": {},
        "external": [],
    },
    Vocabulary({"facts.toml": FACTS}),
)
COMPILED = in_force(SET, SET.first_date)
NAMES = sorted(SET.rules)
WETS = (True, False, None)
PARCELS = (None, [], [{"id": "p", "kg": 30}], [{"id": "p"}, {"id": "q", "kg": 3}])


class Forced(Interpreter):
    """The rules judged by walking their trees, with one verdict put in place of its own."""

    def __init__(self, compiled: WhatIfRules, facts, key, code):
        super().__init__(compiled.units, compiled.vocabulary, facts, {})
        self.key, self.forced = key, code

    def unit(self, key, position=None):
        return self.forced if key == self.key else super().unit(key, position)


@pytest.mark.parametrize(
    ("wet", "parcels", "name", "verdict"),
    [case for case in itertools.product(WETS, PARCELS, NAMES, WETS) if case[2] != "E"],
)
def test_another_verdict_reaches_all_that_depends_on_it(wet, parcels, name, verdict):
    facts = {"wet": wet, "parcels": parcels}
    facts = {key: value for key, value in facts.items() if value is not None}
    evaluation = COMPILED.evaluate(facts)
    counterfactuals = Counterfactuals(COMPILED, NAMES)
    found = counterfactuals.with_verdict(evaluation, name, verdict)
    judge = Forced(COMPILED, facts, ("rule", name), CODE[verdict])
    assert found.verdicts == {one: VERDICT[judge.unit(("rule", one))] for one in NAMES}


def test_equal_conditions_share_one_verdict():
    evaluation = COMPILED.evaluate({"wet": True})
    found = Counterfactuals(COMPILED, NAMES).with_verdict(evaluation, "E", True)
    assert (found.verdict("B"), found.verdict("E"), found.verdict("F")) == (True, True, True)
    assert found.verdict("A") is True


def test_what_leads_to_nothing_that_is_read_is_left_alone():
    counterfactuals = Counterfactuals(COMPILED, {"B"})
    assert counterfactuals.dependents("A") == {"A", "B"}
    evaluation = COMPILED.evaluate({"wet": True, "parcels": [{"id": "p", "kg": 30}]})
    found = counterfactuals.with_verdict(evaluation, "A", False)
    assert found.verdict("B") is True
    assert found.verdict("D") is evaluation.verdict("D")


def test_an_evaluation_is_not_changed_by_a_counterfactual():
    evaluation = COMPILED.evaluate({"wet": True, "parcels": [{"id": "p", "kg": 30}]})
    before = dict(evaluation.verdicts)
    Counterfactuals(COMPILED, NAMES).with_verdict(evaluation, "A", False)
    assert evaluation.verdicts == before
