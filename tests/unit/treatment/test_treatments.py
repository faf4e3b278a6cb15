"""Each treatment: what stands against it, and how that is told."""

import datetime as dt

import pytest
from tests.unit.treatment.conftest import ASSESSMENT, FACTS, GUIDANCE, MODALITIES, document

from rules import Knowledge, NothingInForceError, from_canonical
from treatment.judge import in_force


def item(plan, modality):
    return next(one for one in plan["modalities"] if one["modality"] == modality)


def states(plan, modality):
    return {one["rule"]: one["state"] for one in item(plan, modality)["contraindications"]}


def test_everything_open_offers_what_may_be_offered(status):
    assert status() == {
        "injection": "offered",
        "laser": "optional_unproven",
        "tecar": "optional_unproven",
        "shockwave": "optional_unproven",
        "dry_needling": "optional_unproven",
        "manual_therapy": "offered",
        "surgery": "withheld",
    }


@pytest.mark.parametrize("pain", [0, 1, 2])
def test_a_block_is_not_released_where_it_could_not_be_read(planned, pain):
    plan = planned({"pain": {"pain_nrs_now": pain, "pain_nrs_average": pain}})
    assert plan["diagnostic_block"]["status"] == "withheld"
    [reason] = plan["diagnostic_block"]["because"]
    assert reason["sentence"] == "With pain below 3 a block could not be read."


def test_all_seven_are_shown_in_the_order_of_the_founding_article(planned):
    assert tuple(one["modality"] for one in planned()["modalities"]) == MODALITIES


@pytest.mark.parametrize(
    ("changes", "blocked"),
    [
        ({"comorbidity": {"implants": {"pacemaker": True}}}, {"tecar", "shockwave"}),
        ({"comorbidity": {"implants": {"metal_at_site": True}}}, {"tecar"}),
        ({"comorbidity": {"epilepsy": "light_sensitive"}}, {"laser"}),
        ({"comorbidity": {"sensitive_tissue_in_focus": True}}, {"shockwave"}),
        ({"comorbidity": {"needle_phobia": True}}, {"injection", "dry_needling"}),
        ({"comorbidity": {"allergies": {"amide_anaesthetic": True}}}, {"injection"}),
        ({"comorbidity": {"allergies": {"corticosteroid": True}}}, set()),
        ({"comorbidity": {"anticoagulant": "doac"}}, set()),
        ({"comorbidity": {"anticoagulant": "warfarin", "inr": 3.0}}, {"injection", "dry_needling"}),
        ({"comorbidity": {"anticoagulant": "warfarin", "inr": 2.9}}, set()),
        ({"patient": {"pregnancy_status": "possible"}},
         {"injection", "laser", "tecar", "shockwave", "dry_needling"}),
        ({"examination": {"vesicles_at_site": True}}, set(MODALITIES) - {"surgery"}),
        ({"steroid_injections": [{"performed_days_ago": 30}]}, {"laser", "shockwave"}),
        ({"comorbidity": {"malignancy_in_field": True}}, set(MODALITIES)),
        ({"examination": {"skin_findings": {"warmth": True}}}, set(MODALITIES) - {"surgery"}),
        ({"examination": {"skin_findings": {"wound": True}}}, set(MODALITIES) - {"surgery"}),
        ({"patient": {"age_years": 17}}, {"shockwave"}),
        ({"patient": {"age_years": 18}}, set()),
        ({"red_flags": {"osteoporosis": True}}, {"shockwave", "manual_therapy"}),
        ({"planned_drugs": [{"drug": "bupivacaine", "amount_mg": 200, "with_adrenaline": False}],
          "patient": {"weight_kg": 70, "height_cm": 170}}, {"injection"}),
    ],
)  # fmt: skip
def test_a_contraindication_blocks_what_it_concerns_and_nothing_else(status, changes, blocked):
    found = status(changes)
    assert {name for name, state in found.items() if state == "blocked"} == blocked


def test_a_lump_without_imaging_is_touched_by_nobody(status):
    found = status({}, {"nodules": [{"id": "a", "likelihood": "PROBABLE", "fat_on_imaging": None}]})
    assert set(found.values()) == {"blocked"}


def test_a_warning_is_told_beside_an_offer(planned):
    plan = planned({"comorbidity": {"anticoagulant": "doac"}})
    assert states(plan, "injection")["CI-06"] == "caution"
    assert item(plan, "injection")["status"] == "offered"


@pytest.mark.parametrize(
    ("changes", "modality", "rule", "asked"),
    [
        ({"comorbidity": {"diabetes": None}}, "injection", "CI-02",
         {"diabetes", "diabetes_control"}),
        ({"comorbidity": {"anticoagulant": "warfarin"}}, "injection", "CI-06", {"inr"}),
        ({"comorbidity": {"implants": None}}, "tecar", "CI-07",
         {"implants.pacemaker", "implants.icd", "implants.stimulator"}),
        ({"comorbidity": {"epilepsy": None}}, "laser", "CI-11", {"epilepsy"}),
        ({"decisions": {"consent": {"dry_needling": None}}}, "dry_needling", "CI-13",
         {"consent.dry_needling"}),
        ({"planned_drugs": [{"drug": "lidocaine", "amount_mg": 100, "with_adrenaline": True}]},
         "injection", "CI-04", {"weight_kg", "height_cm"}),
        ({"planned_drugs": [{"drug": "lidocaine", "amount_mg": 10}],
          "patient": {"weight_kg": 70, "height_cm": 170}}, "injection", "CI-04", None),
    ],
)  # fmt: skip
def test_an_unanswered_contraindication_withholds_and_is_named(
    planned, changes, modality, rule, asked
):
    found = item(planned(changes), modality)
    named = {one["rule"]: set(one.get("missing", ())) for one in found["contraindications"]}
    if asked is None:  # so little that it is below every ceiling, with adrenaline or without
        assert states(planned(changes), modality)[rule] == "checked_clear"
        return
    assert found["status"] == "withheld"
    assert states(planned(changes), modality)[rule] == "unknown_ask"
    assert named[rule] == asked


def test_a_refusal_withholds_and_says_so(planned):
    found = item(planned({"decisions": {"consent": {"laser": False}}}), "laser")
    assert found["status"] == "withheld"
    assert found["because"] == [
        {"gate": "consent", "state": "not_met", "sentence": "The patient does not agree to it."}
    ]


def test_the_gates_that_are_closed_are_told_with_what_to_ask(planned):
    found = item(planned({"examination": {"power": None, "skin_inspected": None}}), "laser")
    gates = {one.get("gate"): one for one in found["because"]}
    assert gates["gate-neurology"]["state"] == "not_met"
    assert gates["gate-skin"]["missing"] == ["skin_inspected"]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, "optional"),
        ({"comorbidity": {"diabetes": "insulin", "diabetes_control": "uncontrolled"}}, "blocked"),
        ({"comorbidity": {"allergies": {"corticosteroid": True}}}, "blocked"),
        ({"comorbidity": {"implants": {"metal_at_site": True}}}, "blocked"),
        ({"comorbidity": {"implants": {"metal_at_site": None}}}, "withheld"),
        ({"comorbidity": {"impaired_skin_sensation": True}}, "optional"),
        ({"patient": {"age_years": 17}}, "blocked"),
        ({"decisions": {"consent": {"corticosteroid": False}}}, "withheld"),
        ({"decisions": {"consent": {"corticosteroid": None}}}, "withheld"),
    ],
)
def test_a_corticosteroid_is_judged_for_itself(planned, changes, status):
    found = item(planned(changes), "injection")
    assert found["status"] == "offered"
    assert found["corticosteroid"]["status"] == status


def test_a_stated_amount_is_called_below_the_ceiling_and_never_repeated(planned):
    small = [{"drug": "lidocaine", "amount_mg": 73, "with_adrenaline": False}]
    plan = planned({"planned_drugs": small, "patient": {"weight_kg": 70, "height_cm": 170}})
    notes = " ".join(item(plan, "injection")["notes"])
    assert "below the published ceiling; verify the national label" in notes
    assert "73" not in str(plan["modalities"])


def test_an_ideal_weight_is_used_above_a_body_mass_index_of_30(planned):
    dose = [{"drug": "lidocaine", "amount_mg": 250, "with_adrenaline": False}]
    slim = {"planned_drugs": dose, "patient": {"weight_kg": 86, "height_cm": 170}}
    heavy = {"planned_drugs": dose, "patient": {"weight_kg": 100, "height_cm": 170}}
    assert item(planned(slim), "injection")["status"] == "offered"
    assert states(planned(slim), "injection")["CI-04"] == "checked_clear"
    assert states(planned(heavy), "injection")["CI-04"] == "caution"


def test_surgery_is_an_opinion_when_blocks_help_only_for_a_while(status):
    block = {"nrs_before": 8, "nrs_after": 2, "minutes_after": 20, "relief_duration_hours": 50}
    days = [{**block, "performed_days_ago": ago} for ago in (400, 500)]
    found = status({"blocks": days, "care": {"earlier_blocks": "recorded"}})
    assert found["surgery"] == "offered"
    assert found["injection"] == "withheld"


def test_a_treatment_whose_contraindication_is_not_in_force_is_not_assessed():
    content = GUIDANCE.content()
    kept = {file: table for file, table in content["rules"].items() if "ci_11" not in file}
    text = GUIDANCE.canonical()
    assert from_canonical(text).digest == GUIDANCE.digest
    fewer = Knowledge(
        GUIDANCE.version,
        GUIDANCE.metadata,
        {name: rule for name, rule in GUIDANCE.rules.items() if rule.file in kept},
        GUIDANCE.definitions,
        GUIDANCE.bibliography,
        GUIDANCE.other,
        GUIDANCE.external,
        GUIDANCE.vocabulary,
    )

    plan = document(ASSESSMENT, FACTS, guidance=fewer)
    found = item(plan, "laser")
    assert found["status"] == "withheld"
    assert "not assessed by this ruleset" in found["because"][0]["sentence"]
    assert states(plan, "laser")["CI-11"] == "unknown_ask"
    assert item(plan, "tecar")["status"] == "optional_unproven"


@pytest.mark.parametrize(
    ("changes", "assessed", "status", "first"),
    [
        ({}, {}, "released", "NE-05-plan"),
        ({}, {"verdicts": {"NE-05": False}}, "not_applicable", "NE-05"),
        ({}, {"verdicts": {"NE-05": None}}, "withheld", "NE-05"),
        ({"red_flags": {"fever": True}}, {}, "withheld", "CI-01"),
        ({"red_flags": {"fever": None}}, {}, "withheld", "CI-01"),
        ({"comorbidity": {"allergies": {"amide_anaesthetic": True}}}, {}, "withheld",
         "amide-allergy"),
        ({"comorbidity": {"allergies": None}}, {}, "withheld", "amide-allergy"),
        ({"examination": {"skin_inspected": False}}, {}, "withheld", "gate-skin"),
        ({}, {"red_flags": {"hold": True}}, "withheld", "hold"),
        ({}, {"red_flags": {"hold": True}, "verdicts": {"NE-05": False}}, "not_applicable", "hold"),
    ],
)  # fmt: skip
def test_the_block_is_released_or_withheld_with_its_reasons(
    planned, changes, assessed, status, first
):
    block = planned(changes, assessed)["diagnostic_block"]
    assert block["status"] == status
    assert first in {
        block["because"][0].get("rule"),
        block["because"][0].get("gate"),
    }


def test_a_case_on_a_day_without_guidance_is_refused():

    with pytest.raises(NothingInForceError):
        in_force(GUIDANCE, dt.date(2026, 10, 31))
