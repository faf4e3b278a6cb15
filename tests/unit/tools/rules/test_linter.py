"""What loads but cannot be meant is found before it does harm."""

import pytest
from tests.unit.rules.parcels import (
    SMITH,
    coded,
    definition,
    fact,
    knowledge,
    rule,
    vocabulary,
)
from tools.rules.linter import differences, lint, lint_together

from rules import Vocabulary

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
    """The findings, when every rule has its three cases; the sides of thresholds aside."""
    for entry in rules:
        (tmp_path / f"{entry['id']}.toml").write_text(CASES.format(rule=entry["id"]))
    findings = [str(finding) for finding in lint(knowledge(*rules, **changes), tmp_path)]
    return [finding for finding in findings if "the threshold" not in finding]


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
        rule("R", FINE, then={"texts": [{"sources": ["InThen2001"]}, "Jones2019"]}),
        definitions=[soft],
        bibliography={**SMITH, **cited, "Jones2019": {"title": "Standing"}},
        other={"sentences.toml": {"hello": {"sources": ["InOther2002"]}}},
    )
    assert problems == ["bibliography.toml: nothing cites Jones2019."]


def test_a_source_that_the_bibliography_does_not_have_is_found(tmp_path):
    problems = found(
        tmp_path,
        rule("R", FINE, then={"notes": [{"sources": ["Nobody1999"]}]}),
        other={"sentences.toml": {"hello": {"sources": ["Nowhere1998"]}}},
    )
    assert problems == [
        "R.toml: the bibliography has no entry Nobody1999.",
        "sentences.toml: the bibliography has no entry Nowhere1998.",
    ]


def test_a_hazard_that_is_not_whole_is_found(tmp_path):
    whole = {"title": "A", "why": "B", "rules": ["R"], "shown_by": ["x"]}
    table = {"H-1": whole, "H-2": {**whole, "rules": ["R-9"], "more": 1}, "H-3": {"title": "A"}}
    problems = found(tmp_path, rule("R", FINE), other={"hazards.toml": table})
    assert problems == [
        "hazards.toml: H-2: there is no setting called more.",
        "hazards.toml: H-2: there is no rule called R-9.",
        "hazards.toml: H-3 has no why.",
        "hazards.toml: H-3 has no rules.",
        "hazards.toml: H-3 has no shown_by.",
    ]


def test_one_key_that_two_services_describe_differently_is_refused():
    hazard = {"title": "A", "why": "B", "rules": ["R"], "shown_by": ["x"]}
    mine = knowledge(rule("R", FINE), other={"hazards.toml": {"H-1": hazard}})
    theirs = knowledge(
        rule("R-2", FINE),
        bibliography={"Smith2020": {"title": "Carrying"}, "Own2001": {"title": "Own"}},
        other={"hazards.toml": {"H-1": {**hazard, "rules": ["R-2"], "why": "C"}}},
    )
    assert lint_together(mine, mine) == []
    assert [str(finding) for finding in lint_together(mine, theirs)] == [
        "bibliography.toml: Smith2020 has title 'Lifting' here and 'Carrying' there.",
        "hazards.toml: H-1 has why 'B' here and 'C' there.",
    ]


FAR = """
[[case]]
name = "{name}"
kind = "fires"
facts = {facts}
expect = "true"
{lists}
"""
TWICE = "{speed = 2, limit = 1}"
EITHER = [
    ({"fact": "distance_km", "at_least": 5}, "{distance_km = 5}", "{distance_km = 4}"),
    ({"fact": "distance_km", "between": [5, 9]}, "{distance_km = 9}", "{distance_km = 10}"),
    ({"compare": ["speed", "limit"], "is": "above"}, TWICE, "{speed = 1, limit = 1}"),
    ({"fall_percent": ["speed", "limit"], "at_least": 50}, TWICE, "{speed = 3, limit = 2}"),
]


@pytest.mark.parametrize(("when", "meets", "misses"), EITHER)
def test_a_threshold_with_cases_on_one_side_only_is_found(tmp_path, when, meets, misses):
    def sentences(*sides: str) -> list[str]:
        text = CASES.format(rule="R")
        text += "".join(FAR.format(name=side, facts=side, lists="") for side in sides)
        (tmp_path / "R.toml").write_text(text)
        return [finding.sentence for finding in lint(knowledge(rule("R", when)), tmp_path)]

    assert sentences(meets, misses) == []
    assert [sentence.partition(":")[0] for sentence in sentences(meets)] == [
        "no case misses the threshold"
    ]
    assert [sentence.partition(":")[0] for sentence in sentences(misses)] == [
        "no case meets the threshold"
    ]
    assert len(sentences()) == 2


def test_the_threshold_of_a_definition_is_asked_of_whoever_rests_on_it(tmp_path):
    heavy = definition("heavy", {"item": "weight_kg", "at_least": 20}, "parcels")
    written = knowledge(
        rule("R", {"any_of": "parcels", "where": {"defined": "heavy"}}), definitions=[heavy]
    )
    text = CASES.format(rule="R") + FAR.format(
        name="far", facts="{}", lists="parcels = [{id = 'a', weight_kg = 20}, {id = 'b'}]"
    )
    (tmp_path / "R.toml").write_text(text)
    assert [str(finding) for finding in lint(written, tmp_path)] == [
        "definitions/heavy.toml: no case misses the threshold: parcels[].weight_kg at_least 20."
    ]


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
