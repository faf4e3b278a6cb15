"""Guidance that names what is not there, or concludes what nobody understands, is refused."""

import datetime as dt

import orjson
import pytest
from tests.unit.treatment.conftest import GUIDANCE, ON

from rules import KnowledgeError, Rule
from rules.language.loader import build
from treatment.judge import check_guidance, in_force, recorded_facts
from treatment.judge.checks import MODALITIES, check_then


def changed(**tables):
    content = GUIDANCE.content()
    vocabulary = content.pop("vocabulary")
    assert vocabulary
    content["other"] = {**content["other"], **tables}
    return build(content, GUIDANCE.vocabulary)


SUCCESS = {"says": "a", "success": "b"}
SEEN = {"day": 14, "kind": "message", "what": "Look.", "if_not": "Ask."}
LATER = SEEN | {"day": 28, "needle_or_surgery": True}


@pytest.mark.parametrize(
    ("then", "faults"),
    [
        (SUCCESS | {"contacts": [SEEN, LATER]}, []),
        ({"says": "a", "contacts": [SEEN]},
         ["success is missing; it says what the contacts look for."]),
        (SUCCESS | {"contacts": [14, 28]}, ["contacts is a list of tables, one for each."]),
        (SUCCESS | {"contacts": 5}, ["contacts is a list of tables, one for each."]),
        (SUCCESS | {"contacts": [{"day": 14, "kind": "visit", "what": "Look."}]},
         ["a contact without if_not."]),
        (SUCCESS | {"contacts": [SEEN | {"day": True}]}, ["a contact without day."]),
        (SUCCESS | {"contacts": [SEEN | {"by": "phone"}]},
         ["a contact has no setting called by."]),
        (SUCCESS | {"contacts": [SEEN | {"needle_or_surgery": "no"}]},
         ["needle_or_surgery is true or false."]),
        (SUCCESS | {"contacts": [LATER, SEEN]}, ["the days of the contacts rise from 0."]),
        (SUCCESS | {"contacts": [SEEN, SEEN]}, ["the days of the contacts rise from 0."]),
        (SUCCESS | {"contacts": [SEEN | {"day": -5}]}, ["the days of the contacts rise from 0."]),
        ({"says": "Stop."}, []),
        ({"says": "Stop.", "concerns": {"laser": "block", "tecar": {"block_if": "x"}}}, []),
        ({}, ["says is missing; it is the sentence that a clinician reads."]),
        ({"says": "a", "dose": 3}, ["there is no setting called dose."]),
        ({"says": "a", "concerns": {"leeches": "block"}},
         ["there is no treatment called leeches."]),
        ({"says": "a", "concerns": {"laser": "maybe"}},
         ["laser is block, caution, block_if or block_only_if."]),
        ({"says": "a", "concerns": {"laser": {"when": "x"}}},
         ["laser is block, caution, block_if or block_only_if."]),
    ],
)  # fmt: skip
def test_a_conclusion_that_nobody_understands_is_named(then, faults):
    version = next(iter(GUIDANCE.rules.values())).versions[0]
    assert check_then(then, version) == faults


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ({"ideal_weight_above": 30}, "ideal_body_mass_index is a number from 18 to 25."),
        ({"ideal_weight_above": 30, "ideal_body_mass_index": -22},
         "ideal_body_mass_index is a number from 18 to 25."),
        ({"ideal_weight_above": "30", "ideal_body_mass_index": 22},
         "ideal_weight_above is a number from 25 to 40."),
    ],
)  # fmt: skip
def test_a_dosing_weight_that_would_open_a_ceiling_is_refused(table, fault):
    with pytest.raises(KnowledgeError) as raised:
        check_guidance(changed(**{"dosing.toml": table}))
    assert raised.value.problems == [f"dosing.toml: {fault}"]


def test_the_rule_tells_the_figures_that_doses_are_held_against():
    (version,) = GUIDANCE.rules["CI-04"].versions
    table = GUIDANCE.other["dosing.toml"]
    assert f"a body mass index of {table['ideal_body_mass_index']})" in version.project_choice
    assert f"index above {table['ideal_weight_above']}," in version.project_choice


def test_a_sign_without_a_definition_and_a_rule_without_contacts_are_named():
    content = GUIDANCE.content()
    content.pop("vocabulary")
    text = orjson.dumps(content).decode().replace('"sign-fever"', '"fever-sign"')
    bent = build(orjson.loads(text.replace('"contacts":', '"cautions":')), GUIDANCE.vocabulary)
    with pytest.raises(KnowledgeError) as raised:
        check_guidance(bent)
    missing = "contacts is missing; the plan takes its dates from there."
    assert raised.value.problems == [
        f"FU-01: {missing}",
        f"TX-05: {missing}",
        "signs_before.fever: there is no definition called sign-fever.",
    ]


def test_the_guidance_of_the_day_names_only_what_is_there():
    check_guidance(GUIDANCE)


def test_a_gate_and_a_step_that_do_not_exist_are_named_together():
    modalities = GUIDANCE.other["modalities.toml"]["modality"]
    bent = [{**modalities[0], "gates": ["gate-nowhere"]}, *modalities[1:]]
    with pytest.raises(KnowledgeError) as raised:
        check_guidance(
            changed(
                **{
                    "modalities.toml": {"modality": bent},
                    "steps.toml": {"line": [{"when": "TX-99"}]},
                }
            )
        )
    assert raised.value.problems == [
        "modalities.toml: gate-nowhere is neither a rule nor a definition.",
        "steps.toml: TX-99 is neither a rule nor a definition.",
    ]


def test_a_condition_of_a_contraindication_must_exist():
    content = GUIDANCE.content()
    del content["definitions"]["definitions/steroid_allergy.toml"]
    rules = dict(content["rules"])
    file = "contraindications/ci_05_allergy.toml"
    rules[file] = {
        **rules[file],
        "version": [
            {**rules[file]["version"][0], "when": {"fact": "allergies.latex", "equals": True}}
        ],
    }
    bent = build({**content, "rules": rules}, GUIDANCE.vocabulary)
    with pytest.raises(KnowledgeError, match="no definition called steroid-allergy"):
        check_guidance(bent)


def test_a_plan_shows_all_seven_treatments_or_the_guidance_is_refused():
    fewer = GUIDANCE.other["modalities.toml"]["modality"][:6]
    with pytest.raises(KnowledgeError, match="all seven treatments"):
        check_guidance(changed(**{"modalities.toml": {"modality": fewer}}))


def test_every_treatment_that_a_rule_concerns_names_that_rule():
    guidance = in_force(GUIDANCE, ON)
    for modality in guidance.modalities:
        concerned = {rule for rule, treatment in guidance.effects if treatment == modality.code}
        assert concerned == set(modality.contraindications), modality.code


def test_every_contraindication_says_what_it_concerns():
    guidance = in_force(GUIDANCE, ON)
    rules = [rule for rule in guidance.rules if rule.startswith("CI-")]
    assert len(rules) == 16
    assert all(guidance.concerns(rule) for rule in rules)
    assert guidance.concerns("CI-99") == {}


def test_all_rules_of_the_notes_are_in_force_from_november():
    wanted = {f"TX-{n:02d}" for n in range(1, 14)} | {f"CI-{n:02d}" for n in range(1, 15)}
    wanted |= {f"FU-{n:02d}" for n in range(1, 11)} | {"NE-05-plan"}
    wanted |= {"CI-15", "CI-16"}  # two rows of section 8 that section 13 has no rule for
    assert set(in_force(GUIDANCE, dt.date(2026, 11, 1)).rules) == wanted
    assert tuple(one.code for one in in_force(GUIDANCE, ON).modalities) == MODALITIES


def test_the_recorded_facts_of_a_rule_leave_out_what_is_worked_out():
    rule = GUIDANCE.rules["TX-07"]
    found = recorded_facts(GUIDANCE, rule)
    assert "gain_after_care" in found
    assert "previous_treatments[].effect" in found
    assert not [name for name in found if name.startswith(("assessment_", "pain_nrs_judged"))]


def test_a_draft_is_read_by_nobody():
    known = GUIDANCE.rules["TX-07"]
    draft = Rule(known.id, known.title, "draft", None, known.versions, known.file, known.table)
    assert recorded_facts(GUIDANCE, draft) == []
