"""What the assessment and the record imply for the rules."""

import pytest
from tests.support.assessed import decision_of
from tests.support.care import with_flat_care
from tests.unit.treatment.conftest import ASSESSMENT, ON, merged

from treatment.judge import in_force, load_guidance
from treatment.judge.judging import Case, evaluate
from treatment.judge.preparing import assessed_nodules, nodules, outside, prepare

GUIDANCE = in_force(load_guidance(), ON)
WORSE = {"bladder_change": "worsening"}
GROWS, STABLE = {"id": "a", "size_trend": "growing_fast"}, {"id": "a", "size_trend": "stable"}
QUIET = {
    "fever": False,
    "bladder_change": "none",
    "nodules": [],
    "power": "normal",
    "reflexes": "normal",
    "sensation": "normal",
    "leg_weakness": "none",
    "new_signs_outside_legs.arm_or_hand_weakness": False,
    "new_signs_outside_legs.gait_change": False,
    "new_signs_outside_legs.severe_headache": False,
}
SIGNS = {
    "fever": {"fever"},
    "bladder_symptom": {"bladder_change"},
    "growing_lump": {"nodules"},
    "deficit": QUIET.keys() - {"fever", "bladder_change", "nodules"},
}


def test_the_assessment_becomes_facts():
    found = prepare(decision_of(ASSESSMENT), {}, GUIDANCE)
    assert found["assessment_likelihood"] == "probable"
    assert found["assessment_withholds.needle"] is False
    assert found["assessment_competitor_found"] is False
    assert found["cluneal_entrapment_leads"] is False


def test_a_likelihood_of_two_words_is_one_code():
    changed = ASSESSMENT | {"likelihood": "NOT-ASSESSABLE"}
    assert prepare(decision_of(changed), {}, GUIDANCE)["assessment_likelihood"] == "not_assessable"


@pytest.mark.parametrize(("state", "leads"), [("listed", True), ("to_examine", False)])
def test_a_differential_leads_when_it_is_listed_first(state, leads):
    changed = ASSESSMENT | {"differentials": [{"rule": "DD-01", "state": state}]}
    assert prepare(decision_of(changed), {}, GUIDANCE)["cluneal_entrapment_leads"] is leads


def test_only_a_recorded_competitor_counts():
    unknown = merged(ASSESSMENT, {"verdicts": {"BC-05": None}}) | {"competing": None}
    assert prepare(decision_of(unknown), {}, GUIDANCE)["assessment_competitor_found"] is False


def test_the_verdicts_of_diagnosis_are_taken_over():
    assert outside(decision_of(ASSESSMENT), GUIDANCE.roles)["NE-05"] is True
    unknown = decision_of(merged(ASSESSMENT, {"verdicts": {"NE-05": None}}))
    assert outside(unknown, GUIDANCE.roles)["NE-05"] is None


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({}, None),
        ({"nodule_present": "none"}, []),
        ({"nodule_present": "doubtful"}, [{"id": "unlisted", "certainty": "doubtful"}]),
        ({"nodules": []}, []),
        ({"nodules": [{"id": "a"}]}, [{"id": "a"}]),
        ({"nodules": [{"id": "a"}], "nodule_present": "definite"},
         [{"id": "a", "certainty": "definite"}]),
        ({"nodules": [{"certainty": "doubtful", "site": None}], "nodule_present": "definite"},
         [{"id": "nodule-1", "certainty": "doubtful"}]),
    ],
)  # fmt: skip
def test_nodules_are_listed_as_far_as_they_are_known(facts, found):
    assert nodules(facts) == found


def test_only_imaging_that_is_recorded_as_fat_counts_as_fat():
    facts = {"nodules": [{"id": "a"}, {"id": "b"}, {"id": "c"}]}
    decided = [
        {"id": name, "likelihood": "PROBABLE", "fat_on_imaging": fat}
        for name, fat in (("a", True), ("b", None))
    ]
    found = assessed_nodules(decision_of(ASSESSMENT | {"nodules": decided}), facts)
    assert [one["fat_recorded"] for one in found] == [True, False, False]
    assert assessed_nodules(decision_of(ASSESSMENT), {}) is None


@pytest.mark.parametrize(
    ("scores", "judged"),
    [({"pain_nrs_now": 3, "pain_nrs_average": 6}, 6), ({"pain_nrs_now": 3}, 3),
     ({"pain_nrs_worst": 9}, None)],
)  # fmt: skip
def test_pain_is_the_higher_of_now_and_average(scores, judged):
    assert prepare(decision_of(ASSESSMENT), scores, GUIDANCE).get("pain_nrs_judged") == judged


@pytest.mark.parametrize(
    ("patient", "per_kg"),
    [
        ({"weight_kg": 80, "height_cm": 180}, 5),
        ({"weight_kg": 80}, None),
        ({"height_cm": 180}, None),
        ({"weight_kg": 120, "height_cm": 200}, 400 / 120),
        ({"weight_kg": 121, "height_cm": 200}, 400 / 88),
    ],
)
def test_an_amount_is_held_against_the_weight_or_the_ideal_one(patient, per_kg):
    drug = {"drug": "lidocaine", "amount_mg": 400, "with_adrenaline": True}
    (dose,) = prepare(decision_of(ASSESSMENT), {**patient, "planned_drugs": [drug]}, GUIDANCE)[
        "stated_doses"
    ]
    assert dose["mg_per_kg"] == (pytest.approx(per_kg) if per_kg else None)


def test_only_anaesthetics_with_an_amount_are_held_against_a_ceiling():
    drugs = [{"drug": "corticosteroid", "amount_mg": 40}, {"drug": "lidocaine"}]
    assert (
        prepare(decision_of(ASSESSMENT), {"planned_drugs": drugs}, GUIDANCE)["stated_doses"] == []
    )


@pytest.mark.parametrize(
    ("now", "before", "sign", "new"),
    [
        ({"fever": True}, {}, "fever", True),
        ({"fever": True}, {"fever": True}, "fever", False),
        ({"fever": True}, {"fever": False}, "fever", True),
        ({"max_temp_c": 38.0}, {}, "fever", True),
        ({"fever": False, "max_temp_c": 37.9}, {}, "fever", False),
        ({}, {}, "fever", None),
        ({}, {"fever": True}, "fever", False),
        ({"bladder_change": "worsening"}, {}, "bladder_symptom", True),
        ({"bladder_change": "stable_14_days_or_more"}, {}, "bladder_symptom", False),
        ({"nodules": [{"id": "a", "size_trend": "growing_slowly"}]}, {}, "growing_lump", True),
        ({"nodules": [{"id": "a", "size_trend": "fluctuates"}]}, {}, "growing_lump", False),
        ({"nodules": [{"id": "a"}]}, {}, "growing_lump", None),
        ({"nodules": []}, {}, "growing_lump", False),
        ({"power": "reduced_one_leg"}, {}, "deficit", True),
        ({"new_signs_outside_legs.gait_change": True}, {}, "deficit", True),
        ({"power": "normal"}, {}, "deficit", None),
        (
            {"bladder_change": "worsening"},
            {"bladder_change": "worsening"},
            "bladder_symptom",
            False,
        ),
        ({"power": "reduced_one_leg"}, {"leg_weakness": "one"}, "deficit", False),
        ({"nodules": [GROWS]}, {"nodules": [GROWS]}, "growing_lump", False),
        ({"nodules": [GROWS]}, {"nodules": [STABLE]}, "growing_lump", True),
        ({"nodules": [STABLE], "nodule_count": 2}, {}, "growing_lump", None),
    ],
)
def test_new_is_yes_now_and_not_yes_before(now, before, sign, new):
    """By the rule itself; the other signs are recorded as absent."""
    others = {name: value for name, value in QUIET.items() if name not in SIGNS[sign]}
    facts = with_flat_care(others | now)
    judged = evaluate(Case(decision_of(ASSESSMENT), facts, ON, before), GUIDANCE)
    assert judged.verdict("FU-06") is new


def test_nothing_is_new_in_the_first_revision():
    facts = with_flat_care({"fever": True})
    judged = evaluate(Case(decision_of(ASSESSMENT), facts, ON), GUIDANCE)
    assert judged.fact("signs_before.fever") is True
    assert judged.verdict("FU-06") is False
