"""Red flags: how urgent, what they stop, what releases them, and which comes first."""

import datetime as dt
from typing import Any

import pytest
from tests.support.assessing import assess

from diagnosis.judge import load_ruleset, newly_active

ON = dt.date(2026, 11, 22)
RULESET = load_ruleset()
EVERYTHING = {"needle", "energy", "manual"}


def flags(facts: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = assess(facts, RULESET, ON).document["red_flags"]
    return found


def only(facts: dict[str, Any], rule: str) -> dict[str, Any]:
    (found,) = [flag for flag in flags(facts)["active"] if flag["rule"] == rule]
    return found


def result(code: str, **more: Any) -> dict[str, Any]:
    return {"investigations": [{"kind": "mri", "result": code, **more}]}


SPINE_SIGN = {"focal_spinous_tenderness": True}
BOTH_SPINE_SIGNS = {**SPINE_SIGN, "unplanned_return_within_7_days": True}
NEW_PAIN_AT_RISK = {
    "age_years": 74,
    "sex_at_birth": "male",
    "aortic_risk.smoker": True,
    "pain_change": "new",
}
LYMPH = {"cancer_history": "past"}
CRITERIA = {
    "age_at_onset_years": 30,
    "age_years": 40,
    "duration_days": 400,
    "night_pain": "second_half_of_night",
    "pain_map.buttock": True,
    "relief.movement": True,
}


@pytest.mark.parametrize(
    ("facts", "rule", "urgency"),
    [
        ({"saddle_sensation": "altered"}, "RF-01", "emergency"),
        ({"collapse": True}, "RF-10", "emergency"),
        ({"pulsatile_abdominal_mass": True}, "RF-10", "emergency"),
        ({"sensation": "reduced_both_legs"}, "RF-01", "emergency"),
        ({"post_void_residual_ml": 600}, "RF-01", "emergency"),
        (NEW_PAIN_AT_RISK | {"systolic_mmhg": 80}, "RF-10", "emergency"),
        (LYMPH | {"reflexes": "reduced"}, "RF-06", "emergency"),
        (LYMPH | {"paraesthesia.below_knee": True}, "RF-06", "emergency"),
        ({"lowest_power_mrc": 4}, "RF-03", "same_day"),
        ({"injury": "major"}, "RF-04", "same_day"),
        ({"fever": True}, "RF-08", "same_day"),
        (BOTH_SPINE_SIGNS, "RF-08", "same_day"),
        ({"pain_map.groin": True, "visceral_pain_severe": True}, "RF-15", "same_day"),
        ({"bladder_change": "stable_14_days_or_more"}, "RF-02", "urgent"),
        ({"osteoporosis": True, "age_years": 70}, "RF-05", "urgent"),
        (result("fracture_recent"), "RF-05", "urgent"),
        (LYMPH, "RF-06", "urgent"),
        ({"weight_loss": True, "systemic_illness": True}, "RF-07", "urgent"),
        ({"tb_risk": True, "swelling": True}, "RF-09", "urgent"),
        (NEW_PAIN_AT_RISK, "RF-10", "urgent"),
        (result("aneurysm", aneurysm_mm=52), "RF-10", "urgent"),
        ({"nodules": [{"id": "a", "size_long_mm": 50}]}, "RF-11", "urgent"),
        ({"flank_mass": True}, "RF-12", "urgent"),
        ({"urinary_symptom": True}, "RF-15", "urgent"),
    ],
)
def test_a_lock_has_its_urgency_and_withholds_everything(
    facts: dict[str, Any], rule: str, urgency: str
) -> None:
    flag = only(facts, rule)
    assert (flag["locks"], flag["holds"]) == (True, False)
    assert flag["urgency"] == urgency
    assert set(flag["withholds"]) == EVERYTHING
    assert flags(facts)["locked"]
    assert rule in flags(facts)["locks"]


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"age_years": 70}, "RF-05"),
        ({"weight_loss": True}, "RF-07"),
        (SPINE_SIGN, "RF-08"),
    ],
)
def test_one_factor_holds_and_withholds_everything(facts: dict[str, Any], rule: str) -> None:
    flag = only(facts, rule)
    assert (flag["locks"], flag["holds"], flag["urgency"]) == (False, True, "hold")
    assert set(flag["withholds"]) == EVERYTHING


@pytest.mark.parametrize(
    ("facts", "rule"), [(CRITERIA, "RF-13"), (CRITERIA | {"relief.movement": False}, "RF-14")]
)
def test_inflammatory_criteria_never_stop_treatment(facts: dict[str, Any], rule: str) -> None:
    known = {
        "relief.nsaid_within_48_h": False,
        "family_spondyloarthritis": False,
        "arthritis": False,
        "enthesitis": False,
        "psoriasis": False,
    }
    flag = only(facts | known, rule)
    assert (flag["locks"], flag["holds"], flag["withholds"]) == (False, False, [])
    assert flag["urgency"] == "routine"


def test_a_positive_hla_b27_changes_what_to_do() -> None:
    known = CRITERIA | {
        "relief.movement": False,
        "relief.nsaid_within_48_h": False,
        "family_spondyloarthritis": False,
        "arthritis": False,
        "enthesitis": False,
        "psoriasis": False,
    }
    tested = known | {"labs": [{"test": "hla_b27", "positive": True}]}
    assert only(known, "RF-14")["action"].startswith("Test HLA-B27")
    assert only(tested, "RF-14")["action"].startswith("HLA-B27 is positive")


NO_OTHER_SIGN = {"night_pain": "none", "gain_after_care": "not_treated", "systemic_illness": False}
NO_OTHER_FACTOR = {
    "corticosteroid_use": "none",
    "osteoporosis": False,
    "previous_fragility_fracture": False,
    "injury": "none",
}


@pytest.mark.parametrize(
    ("facts", "statement", "rule"),
    [
        (
            {"weight_loss": True, **NO_OTHER_SIGN},
            {"serious_disease_judged_unlikely": True, "serious_disease_judged_by": "physician"},
            "RF-07",
        ),
        (
            {"pain_map.flank": True, "pain_change": "new"},
            {"visceral_cause_excluded": True, "visceral_cause_excluded_by": "nurse"},
            "RF-15",
        ),
        (
            result("aneurysm", aneurysm_mm=52),
            {"pain_not_aortic": True, "pain_not_aortic_by": "physician"},
            "RF-10",
        ),
        (
            {"age_years": 72},
            {"fracture_judged": "excluded_by_imaging", "fracture_judged_by": "physician"},
            "RF-05",
        ),
    ],
)
def test_a_clinicians_statement_releases_and_the_flag_stays_in_sight(
    facts: dict[str, Any], statement: dict[str, Any], rule: str
) -> None:
    released = only(facts | statement, rule)
    assert (released["locks"], released["holds"], released["withholds"]) == (False, False, [])
    by_nobody = {name: value for name, value in statement.items() if not name.endswith("_by")}
    assert only(facts | by_nobody, rule)["withholds"]


def test_a_release_does_not_count_while_a_second_sign_is_not_asked() -> None:
    judged = {"serious_disease_judged_unlikely": True, "serious_disease_judged_by": "physician"}
    unasked = {name: NO_OTHER_SIGN[name] for name in ("night_pain", "systemic_illness")}
    assert flags({"weight_loss": True, **unasked, **judged})["hold"]


def test_fracture_judged_unlikely_by_examination_releases_the_needle_only() -> None:
    facts = {
        "age_years": 72,
        **NO_OTHER_FACTOR,
        "fracture_judged": "unlikely_after_examination",
        "fracture_judged_by": "physiotherapist",
    }
    assert set(only(facts, "RF-05")["withholds"]) == {"energy", "manual"}
    assert flags(facts)["withheld"] == {"needle": [], "energy": ["RF-05"], "manual": ["RF-05"]}
    assert not flags(facts)["hold"]


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        (
            {
                "age_years": 72,
                "osteoporosis": True,
                "fracture_judged": "excluded_by_imaging",
                "fracture_judged_by": "physician",
            },
            "RF-05",
        ),
        (
            {
                "weight_loss": True,
                "night_pain": "worse_at_night",
                "serious_disease_judged_unlikely": True,
                "serious_disease_judged_by": "physician",
            },
            "RF-07",
        ),
        (
            {"collapse": True, "pain_not_aortic": True, "pain_not_aortic_by": "physician"},
            "RF-10",
        ),
    ],
)
def test_no_statement_releases_what_is_more_than_one_factor(
    facts: dict[str, Any], rule: str
) -> None:
    assert only(facts, rule)["locks"]


def test_the_most_urgent_flag_is_the_headline_and_all_are_listed() -> None:
    found = flags({"age_years": 71, "fever": True, "saddle_sensation": "altered"})
    assert found["headline"]["rule"] == "RF-01"
    assert [flag["rule"] for flag in found["active"]] == ["RF-01", "RF-08", "RF-05"]
    assert found["locks"] == ["RF-01", "RF-08"]
    assert found["holds"] == ["RF-05"]


def test_a_child_is_out_of_scope_first_and_as_urgent_as_the_other_flags() -> None:
    found = flags({"age_years": 13, "fever": True})
    assert found["headline"]["rule"] == "RF-16"
    assert found["headline"]["urgency"] == "same_day"
    assert [flag["rule"] for flag in found["active"]] == ["RF-16", "RF-08"]
    assert "not made for anyone under 16" in " ".join(
        assess({"age_years": 13}, RULESET, ON).document["limits"]
    )


def test_an_incomplete_screen_holds_unless_something_more_urgent_is_active() -> None:
    assert flags({})["headline"]["rule"] == "RFS-13"
    assert flags({})["headline"]["urgency"] == "hold"
    assert flags({"fever": True})["headline"]["rule"] == "RF-08"


def test_a_suspicious_lump_that_may_be_a_hernia_goes_to_ct_or_mri() -> None:
    both = {"nodules": [{"id": "a", "excised_before": True}]}
    assert {flag["rule"] for flag in flags(both)["active"]} == {"RF-11", "RF-12"}
    assert only(both, "RF-11")["action"].startswith("Arrange CT or MRI")


def test_smoking_is_shown_and_does_not_count() -> None:
    facts = {"weight_loss": True, "aortic_risk.smoker": True}
    assert only(facts, "RF-07")["notes"]
    assert not only(facts, "RF-07")["locks"]
    assert not only({"weight_loss": True}, "RF-07")["notes"]


def test_an_undecided_flag_names_what_is_missing() -> None:
    (undecided,) = [entry for entry in flags({})["undecided"] if entry["rule"] == "RF-16"]
    assert undecided["missing"] == ["age_years"]


def test_only_flags_that_were_not_active_before_are_new() -> None:
    decision = assess({"saddle_sensation": "altered", "fever": True}, RULESET, ON).decision
    assert [flag.rule for flag in decision.flags] == ["RF-01", "RF-08"]
    assert [flag.rule for flag in newly_active(decision, {"RF-08"})] == ["RF-01"]
