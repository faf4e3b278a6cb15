"""What if one rule had come out otherwise: judged again exactly as if it had."""

import dataclasses
import itertools

import pytest

from rules import Compiled, Vocabulary
from rules.catalogue.tally import letters, tally
from rules.engine.interpreter import Interpreter
from rules.engine.kleene import CODE, VERDICT
from rules.language.loader import build
from rules.what_if.supposing import Supposing

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
COMPILED = SET.in_force(SET.first_date)
NAMES = sorted(SET.rules)
WETS = (True, False, None)
PARCELS = (None, [], [{"id": "p", "kg": 30}], [{"id": "p"}, {"id": "q", "kg": 3}])


class Forced(Interpreter):
    """The rules judged by walking their trees, with one verdict put in place of its own."""

    def __init__(self, compiled: Compiled, facts, key, code):
        super().__init__(compiled.units, compiled.vocabulary, facts, {})
        self.key, self.forced = key, code

    def unit(self, key, position=None):
        return self.forced if key == self.key else super().unit(key, position)


@pytest.mark.parametrize(
    ("wet", "parcels", "name", "verdict"),
    [case for case in itertools.product(WETS, PARCELS, NAMES, WETS) if case[2] != "E"],
)
def test_a_supposed_verdict_reaches_all_that_rests_on_it(wet, parcels, name, verdict):
    facts = {"wet": wet, "parcels": parcels}
    facts = {key: value for key, value in facts.items() if value is not None}
    evaluation = COMPILED.evaluate(facts)
    supposing = Supposing(COMPILED, NAMES)
    found = supposing.otherwise(evaluation, name, verdict)
    judge = Forced(COMPILED, facts, ("rule", name), CODE[verdict])
    assert found.verdicts == {one: VERDICT[judge.unit(("rule", one))] for one in NAMES}


def test_what_is_written_alike_is_one_thing_with_two_names():
    evaluation = COMPILED.evaluate({"wet": True})
    found = Supposing(COMPILED, NAMES).otherwise(evaluation, "E", True)
    assert (found.verdict("B"), found.verdict("E"), found.verdict("F")) == (True, True, True)
    assert found.verdict("A") is True


def test_what_leads_to_nothing_that_is_read_is_left_alone():
    supposing = Supposing(COMPILED, {"B"})
    assert supposing.reached("A") == {"A", "B"}
    evaluation = COMPILED.evaluate({"wet": True, "parcels": [{"id": "p", "kg": 30}]})
    found = supposing.otherwise(evaluation, "A", False)
    assert found.verdict("B") is True
    assert found.verdict("D") is evaluation.verdict("D")


def test_an_evaluation_is_not_changed_by_supposing():
    evaluation = COMPILED.evaluate({"wet": True, "parcels": [{"id": "p", "kg": 30}]})
    before = dict(evaluation.verdicts)
    Supposing(COMPILED, NAMES).otherwise(evaluation, "A", False)
    assert evaluation.verdicts == before


def test_letters_are_written_and_counted():
    said = {"A": True, "B": None, "C": False, "D": True}
    assert letters(["A", "B", "C", "D", "X"], said, {"B", "D"}) == "tUfT-"
    found = tally([("t", 2), ("T", 1), ("U", 3), ("f", 4), ("-", 5), ("", 6)])
    assert dataclasses.asdict(found) == {
        "judged": 10,
        "fired": 3,
        "unknown": 3,
        "decisive": {True: 1, None: 3, False: 0},
    }
