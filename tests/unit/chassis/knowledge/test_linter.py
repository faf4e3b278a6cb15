"""What loads but cannot be meant is found before it does harm."""

import pytest
from tests.unit.chassis.knowledge.parcels import (
    SMITH,
    coded,
    definition,
    fact,
    knowledge,
    rule,
    vocabulary,
)

from chassis.knowledge import Vocabulary
from chassis.knowledge.linter import differences, lint

FINE = {"fact": "fragile", "equals": True}
CASES = """
rule = "{rule}"
[[case]]
name = "fragile"
kind = "fires"
facts = {{ fragile = true }}
expect = "true"
[[case]]
name = "solid"
kind = "near-miss"
facts = {{ fragile = false }}
expect = "false"
[[case]]
name = "nobody knows"
kind = "unknown"
expect = "unknown"
"""


def found(tmp_path, *rules, **changes) -> list[str]:
    """The findings, when every rule has its three cases."""
    for entry in rules:
        (tmp_path / f"{entry['id']}.toml").write_text(CASES.format(rule=entry["id"]))
    return [str(finding) for finding in lint(knowledge(*rules, **changes), tmp_path)]


def test_nothing_is_found_in_sound_rules(tmp_path):
    assert found(tmp_path, rule("R", FINE)) == []


NEVER = "what is asked of"
CONTRADICTIONS = [
    ({"fact": "distance_km", "above": 1000}, "distance_km above 1000 is never true"),
    ({"fact": "distance_km", "at_least": 0}, "distance_km at_least 0 is always true"),
    ({"fact": "distance_km", "between": [0, 1000]}, "distance_km between 0, 1000 is always true"),
    ({"fact": "distance_km", "in": [5, -1]}, "distance_km is never -1 in its plausible range"),
    ({"fact": "distance_km", "in": [5, 1001]}, "distance_km is never 1001 in its plausible range"),
    ({"fact": "colour", "in": ["red", "blue", "grey"]}, "colour in red, blue, grey is always true"),
    (
        {"all": [{"fact": "speed", "at_least": 5}, {"fact": "speed", "below": 5}]},
        "what is asked of speed can never be true at once",
    ),
    (
        {"all": [{"fact": "speed", "above": 5}, {"all": [{"not": {"fact": "speed", "above": 5}}]}]},
        "what is asked of speed can never be true at once",
    ),
    (
        {"all": [{"fact": "colour", "equals": "red"}, {"fact": "colour", "not_equals": "red"}]},
        "what is asked of colour can never be true at once",
    ),
    (
        {"any": [{"fact": "speed", "at_least": 5}, {"fact": "speed", "below": 7}]},
        "what is asked of speed can never be false at once",
    ),
    (
        {"any": [FINE, {"not": {"all": [FINE, {"fact": "insured", "equals": True}]}}]},
        "what is asked of fragile can never be false at once",
    ),
    (
        {"any_of": "parcels", "where": {"item": "weight_kg", "above": 100}},
        "weight_kg above 100 is never true in its plausible range",
    ),
]


@pytest.mark.parametrize(("when", "sentence"), CONTRADICTIONS)
def test_what_can_never_come_out_otherwise_is_found(tmp_path, when, sentence):
    problems = found(tmp_path, rule("R", when))
    assert len(problems) == 1
    assert problems[0].startswith(f"R.toml: from 2026-01-01: {sentence}")


SOUND = [
    {"all": [{"fact": "speed", "above": 5}, {"fact": "speed", "at_most": 7}]},
    {"all": [{"fact": "fragile", "known": True}, FINE]},
    {"any": [{"fact": "speed", "above": 5}, {"fact": "limit", "at_most": 7}]},
    {"all": [{"fall_percent": ["speed", "limit"], "above": 5}, {"rule": "R-0"}]},
    {"all": [{"any": [{"fact": "speed", "above": 5}, FINE]}, {"fact": "speed", "at_most": 5}]},
    {"all": [{"fact": "parcels", "known": True}, {"fact": "remark", "known": True}]},
]


@pytest.mark.parametrize("when", SOUND)
def test_what_can_come_out_either_way_is_left_alone(tmp_path, when):
    assert found(tmp_path, rule("R", when), rule("R-0", FINE)) == []


def test_a_definition_is_looked_at_too(tmp_path):
    heavy = definition("heavy", {"item": "weight_kg", "above": 100}, "parcels")
    assert found(tmp_path, definitions=[heavy]) == [
        "definitions/heavy.toml: weight_kg above 100 is never true in its plausible range."
    ]


def test_a_source_that_nothing_cites_is_found(tmp_path):
    cited = {key: {"title": key} for key in ("InThen2001", "InOther2002", "InDefinition2003")}
    soft = {**definition("soft", FINE), "sources": ["InDefinition2003"]}
    problems = found(
        tmp_path,
        rule("R", FINE, then={"texts": ["InThen2001", 3]}),
        definitions=[soft],
        bibliography={**SMITH, **cited, "Jones2019": {"title": "Standing"}},
        other={"sentences.toml": {"hello": {"cites": "InOther2002"}}},
    )
    assert problems == ["bibliography.toml: nothing cites Jones2019."]


def test_a_rule_that_waits_for_one_not_in_force_is_found(tmp_path):
    soft = definition("soft", {"any": [{"rule": "R-2"}, {"defined": "softer"}]})
    softer = definition("softer", FINE)
    twice = {"all": [{"defined": "soft"}, {"defined": "softer"}, {"rule": "EX"}]}
    problems = found(
        tmp_path,
        rule("R-1", twice),
        rule("R-2", FINE, in_force={"from": "2027-01-01"}),
        definitions=[soft, softer],
        external=["EX"],
    )
    assert problems == ["R-1.toml: uses R-2, which is not in force on 2026-01-01."]


def test_a_draft_needs_neither_cases_nor_rules_in_force(tmp_path):
    later = rule("R-2", FINE, in_force={"from": "2027-01-01"})
    (tmp_path / "R-2.toml").write_text(CASES.format(rule="R-2"))
    draft = rule("R-1", {"rule": "R-2"}, status="draft")
    assert lint(knowledge(draft, later), tmp_path) == []


def test_a_rule_without_its_three_cases_is_found(tmp_path):
    (tmp_path / "R.toml").write_text(CASES.format(rule="R").rpartition("[[case]]")[0])
    findings = [str(finding) for finding in lint(knowledge(rule("R", FINE)), tmp_path)]
    assert findings == ["R.toml: has no case of kind unknown."]


def test_a_case_in_the_wrong_file_and_a_case_of_nothing_are_found(tmp_path):
    (tmp_path / "elsewhere.toml").write_text(CASES.format(rule="R"))
    findings = [str(finding) for finding in lint(knowledge(rule("R", FINE)), tmp_path)]
    assert findings == ["elsewhere.toml: holds a case of R, which belongs in R.toml."] * 3
    (tmp_path / "nothing.toml").write_text(CASES.format(rule="R-9"))
    findings = [str(finding) for finding in lint(knowledge(rule("R", FINE)), tmp_path)]
    assert findings == ["nothing.toml: there is no such rule: R-9."]


def test_a_definition_may_have_cases_of_its_own(tmp_path):
    folder = tmp_path / "definitions"
    folder.mkdir()
    text = CASES.format(rule="soft").replace("rule =", "defined =")
    (folder / "soft.toml").write_text(text)
    assert found(tmp_path, definitions=[definition("soft", FINE)]) == []


def test_a_copy_of_facts_equals_what_its_owner_says():
    assert differences(vocabulary().subset(["fragile", "parcels[].weight_kg"]), vocabulary()) == []
    parcels = {"name": "parcels", "label": "Parcels", "recorded": True}
    copy = Vocabulary(
        {
            "copy.toml": {
                "section": "shipment",
                "fact": [
                    fact("distance_km", "integer", unit="km", minimum=0, maximum=900),
                    fact("colour", "code", values=coded("red")),
                    fact("mood", "text"),
                ],
                "list": [
                    {**parcels, "field": [fact("sealed", "text")]},
                    {"name": "boxes", "label": "Boxes"},
                ],
            }
        }
    )
    assert [str(finding) for finding in differences(copy, vocabulary())] == [
        "facts: distance_km has maximum 900, the owner's has 1000.",
        "facts: colour has codes ('red',), the owner's has ('red', 'blue', 'grey').",
        "facts: mood is not in the owner's vocabulary.",
        "facts: list parcels: sealed has type text, the owner's has boolean.",
        "facts: the list parcels has another recorded than the owner's.",
        "facts: the list parcels has another count than the owner's.",
        "facts: the list boxes is not in the owner's vocabulary.",
    ]
