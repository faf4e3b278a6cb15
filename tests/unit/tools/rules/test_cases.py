"""Rule cases are read, checked and judged."""

import datetime as dt

import pytest
from tests.unit.rules.parcels import knowledge, rule
from tools.rules.cases import check, outcome, read_cases

from rules import KnowledgeError

FINE = {"fact": "fragile", "equals": True}


def cases_of(tmp_path, known, text):
    (tmp_path / "R.toml").write_text(text)
    return read_cases(tmp_path, known)


def test_a_case_is_judged_by_the_compiled_rules_and_by_walking_the_tree(tmp_path):
    known = knowledge(rule("R", {"item": "sealed", "equals": True}, "parcels"))
    text = """
        rule = "R"
        [[case]]
        name = "the second is sealed"
        kind = "fires"
        on = 2026-02-01
        element = 1
        expect = "true"
        parcels = [{ sealed = false }, { sealed = true }]
        [[case]]
        name = "one is not sealed"
        kind = "near-miss"
        expect = "true"
        [case.facts]
        parcels = [{ sealed = false }]
        """
    sealed, wrong = cases_of(tmp_path, known, text)
    assert sealed.date(known) == dt.date(2026, 2, 1)
    assert check(sealed, known) is None
    assert outcome(sealed, known) is True
    assert check(wrong, known) == "R, one is not sealed: expected true, found false"
    assert outcome(wrong, known) is False


def test_a_case_may_state_what_is_decided_elsewhere(tmp_path):
    known = knowledge(rule("R", {"rule": "EX"}), external=["EX"])
    text = """
        rule = "R"
        [[case]]
        name = "released outside"
        kind = "fires"
        external = { EX = "true" }
        expect = "true"
        """
    (case,) = cases_of(tmp_path, known, text)
    assert check(case, known) is None
    assert outcome(case, known) is True


FAULTS = [
    ("colour = 1", "there is no setting called colour."),
    ('kind = "maybe"', "kind is one of fires, near-miss, unknown."),
    ('expect = "perhaps"', "expect is one of false, unknown, true."),
    ('external = { EX = "true" }', "EX is not decided elsewhere."),
    ('external = { EY = "yes" }', "external EY is one of false, unknown, true."),
    ("facts = { mood = 1 }", "there is no fact called mood."),
    ('facts = { colour = "green" }', "colour is never green."),
    ("facts = { fragile = 1 }", "fragile is boolean, not 1."),
    ("facts = { distance_km = true }", "distance_km is integer, not True."),
    ("facts = { remark = 5 }", "remark is text, not 5."),
    ("parcels = [{ colour = 1 }]", "there is no fact called colour."),
]


@pytest.mark.parametrize(("line", "sentence"), FAULTS)
def test_a_case_that_cannot_be_meant_is_refused(tmp_path, line, sentence):
    known = knowledge(rule("R", FINE), external=["EY"])
    lines = {"name": 'name = "n"', "kind": 'kind = "fires"', "expect": 'expect = "true"'}
    lines[line.partition(" ")[0]] = line
    with pytest.raises(KnowledgeError) as caught:
        cases_of(tmp_path, known, "\n".join(['rule = "R"', "[[case]]", *lines.values()]))
    assert caught.value.problems == [f"R.toml: n: {sentence}"]


def test_a_case_needs_a_name(tmp_path):
    text = 'rule = "R"\n[[case]]\nkind = "fires"\nexpect = "true"'
    with pytest.raises(KnowledgeError, match="a case needs a name"):
        cases_of(tmp_path, knowledge(rule("R", FINE)), text)


def test_a_rule_may_have_no_cases_yet(tmp_path):
    assert cases_of(tmp_path, knowledge(rule("R", FINE)), 'rule = "R"') == []
