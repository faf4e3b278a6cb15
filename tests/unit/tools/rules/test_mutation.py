"""Each small change of a rule is noticed by one of its cases."""

import datetime as dt

import pytest
from tests.unit.rules.parcels import definition, knowledge, rule
from tools.rules.cases import check, read_cases
from tools.rules.mutation import mutants, survivors

FINE = {"fact": "fragile", "equals": True}
FAR = {"fact": "distance_km", "at_least": 500}


def cases_of(tmp_path, known, text):
    (tmp_path / "R.toml").write_text(text)
    return read_cases(tmp_path, known)


def changes(when, over=None, **more) -> list[str]:
    known = knowledge(rule("R", when, over), **more)
    return [str(mutant).removeprefix("R.toml: ") for mutant in mutants(known)]


CHANGES = [
    (FINE, ["when: negated"]),
    ({"fact": "fragile", "known": True}, ["when: negated"]),
    (FAR, ["when: negated", "when: at_least = 499", "when: at_least = 501"]),
    (
        {"not": {"fact": "speed", "between": [1, 2]}},
        [
            "when.not: negated",
            "when.not: between = [0.9, 2]",
            "when.not: between = [1.1, 2]",
            "when.not: between = [1, 1.9]",
            "when.not: between = [1, 2.1]",
        ],
    ),
    ({"all": [FINE, {"any": [FINE]}]}, ["when.all.0: negated", "when.all.1.any.0: negated"]),
    (
        {"count": [FINE, {"fact": "insured", "equals": True}], "at_least": 1},
        [
            "when.count.0: negated",
            "when.count.1: negated",
            "when: at_least = 0",
            "when: at_least = 2",
        ],
    ),
    (
        {"count_of": "parcels", "exactly": 0, "where": {"item": "sealed", "equals": True}},
        ["when.where: negated", "when: exactly = 1"],
    ),
    (
        {
            "any_of": "parcels",
            "where": {"any_of": "scans", "where": {"outer_item": "weight_kg", "above": 5}},
        },
        [
            "when.where.where: negated",
            "when.where.where: above = 4.9",
            "when.where.where: above = 5.1",
        ],
    ),
    (
        {"compare": ["speed", "limit"], "is": "above"},
        ["when: negated", "when: is = at_least"],
    ),
    ({"compare": ["speed", "limit"], "is": "equals"}, ["when: negated"]),
    (
        {"fall_percent": ["speed", "limit"], "above": 50},
        ["when: negated", "when: above = 49", "when: above = 51"],
    ),
    ({"rule": "EX"}, ["when: negated"]),
]


@pytest.mark.parametrize(("when", "expected"), CHANGES)
def test_every_leaf_is_negated_and_every_threshold_moved_by_a_step(when, expected):
    assert changes(when, external=["EX"]) == expected


def test_drafts_are_not_changed_and_definitions_are():
    known = knowledge(rule("R", FINE, status="draft"), definitions=[definition("far", FAR)])
    assert len(list(mutants(known))) == 3
    assert {mutant.key for mutant in mutants(known)} == {("defined", "far")}


CASES = """
rule = "R"
[[case]]
name = "far enough"
kind = "fires"
facts = { distance_km = 500 }
expect = "true"
[[case]]
name = "just too near"
kind = "near-miss"
facts = { distance_km = 499 }
expect = "false"
"""


def test_a_change_that_no_case_notices_survives(tmp_path):
    far = {"definitions": [definition("far", FAR)]}
    twice = {"all": [{"defined": "far"}, {"any": [{"defined": "far"}]}]}
    known = knowledge(rule("R", twice), **far)
    cases = cases_of(tmp_path, known, CASES)
    assert survivors(known, cases) == []
    alive = [str(mutant) for mutant in survivors(known, cases[:1])]
    assert alive == ["definitions/far.toml: when: at_least = 499"]
    assert len(survivors(known, [])) == 5


def test_a_case_that_fails_anyway_kills_no_mutant(tmp_path):
    known = knowledge(rule("R", FAR))
    upside_down = CASES.replace('expect = "true"', 'expect = "false"').replace("499", "999")
    assert len(survivors(known, cases_of(tmp_path, known, upside_down))) == 3


def test_a_version_is_only_tried_on_cases_of_its_own_days(tmp_path):
    written = rule("R", FAR, in_force={"from": "2026-01-01", "to": "2026-06-01"})
    written["version"] += rule("R", FAR, in_force={"from": "2026-06-01"})["version"]
    known = knowledge(written)
    cases = cases_of(tmp_path, known, CASES)
    assert cases[0].date(known) == dt.date(2026, 6, 1)
    alive = survivors(known, cases)
    assert {str(mutant.start) for mutant in alive} == {"2026-01-01"}
    assert len(alive) == 3


def test_a_definition_of_no_rule_has_its_own_cases(tmp_path):
    known = knowledge(rule("R", FINE), definitions=[definition("far", FAR)])
    cases = cases_of(tmp_path, known, CASES.replace('rule = "R"', 'defined = "far"'))
    assert [case.subject for case in cases] == ["far", "far"]
    assert cases[0].date(known) == dt.date(2026, 1, 1)
    assert check(cases[0], known) is None
    assert {mutant.key for mutant in survivors(known, cases)} == {("rule", "R")}
