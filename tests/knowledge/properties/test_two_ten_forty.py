"""Missing findings by the handful: what each could change, written down from the rules by hand."""

import pytest
from tests.knowledge.properties.generator import COMPLETE
from tests.knowledge.properties.services import KNOWLEDGE, ON, RULES, read_by_treatment
from tests.support.assessed import decision_of
from tests.support.assessing import missing_in_words

from diagnosis.judge.evaluated import evaluate
from treatment.judge.changes import missing_findings as missing_of_plan
from treatment.judge.guidance import in_force
from treatment.judge.judging import Case
from treatment.judge.judging import evaluate as judge

# Everything that the complete case leaves open, so that exactly the named findings are missing.
ANSWERED = {
    **COMPLETE,
    "midline_distance_mm": 40,
    "point_site": "crest_medial",
    "point_tenderness": 2,
    "point_reproduction": "familiar_pain",
    "gain_after_care": "lasting",
    "post_void_residual_ml": 0,
}

# Which red flag an answer to each question can raise or release: rules.md sections 1 to 3.
RAISES = {
    "weight_loss": {"RF-07"},
    "fever": {"RF-08"},
    "injury": {"RF-04"},
    "saddle_sensation": {"RF-01"},
    "bladder_change": {"RF-01", "RF-02"},
    "cancer_history": {"RF-06"},
    "bloodstream_infection": {"RF-08"},
    "osteoporosis": {"RF-05"},
    "pulsatile_abdominal_mass": {"RF-10"},
    "flank_mass": {"RF-12"},
}
MORE = {
    "bowel_change": {"RF-01", "RF-02"},
    "sexual_change": {"RF-01", "RF-02"},
    "leg_weakness": {"RF-01", "RF-03"},
    "new_signs_outside_legs.gait_change": {"RF-03"},
    "new_signs_outside_legs.arm_or_hand_weakness": {"RF-03"},
    "new_signs_outside_legs.severe_headache": {"RF-03"},
    "night_pain": {"RF-07"},
    "systemic_illness": {"RF-07"},
    "previous_fragility_fracture": {"RF-05"},
    "corticosteroid_use": {"RF-05"},
    "urinary_symptom": {"RF-15"},
    "bruise_over_spine": {"RF-04"},
    "focal_spinous_tenderness": {"RF-08"},
    "unplanned_return_within_7_days": {"RF-08"},
    "collapse": {"RF-10"},
    "reflexes": {"RF-01"},
    "sensation": {"RF-01"},
}
# These change nothing of an assessment alone, or only what is not a red flag.
QUIET = (
    "trochanter_tender", "lateral_hip_pain", "burning_pain",
    "deep_gluteal_tender", "fair_test", "taut_band", "tlj_tenderness", "skin_roll_pain",
    "centralisation", "morning_stiffness_min", "psoriasis", "uveitis", "arthritis",
)  # fmt: skip


def changes_by_fact(missing: set[str]) -> dict[str, set[tuple[str, str]]]:
    facts = {name: value for name, value in ANSWERED.items() if name not in missing}
    found = missing_in_words(facts, RULES, evaluate(facts, RULES))
    return {one["fact"]: {(c["conclusion"], c["to"]) for c in one["could_change"]} for one in found}


def flags(changes: set[tuple[str, str]]) -> set[str]:
    return {name.partition(":")[2] for name, _ in changes if name.startswith("red_flag:")}


def test_with_nothing_missing_nothing_is_told() -> None:
    assert changes_by_fact(set()) == {}


def test_two_unknown_findings_one_for_each_service() -> None:
    found = changes_by_fact({"sensation", "needle_phobia"})
    assert found == {
        "sensation": {
            ("category", "PROBABLE"),
            ("likelihood", "PROBABLE"),
            ("possible likelihoods", "POSSIBLE"),
            ("category", "OUT-OF-SCOPE-RED-FLAG"),
            ("red_flag:RF-01", "locks treatment"),
        }
    }
    facts = {k: v for k, v in ANSWERED.items() if k not in {"sensation", "needle_phobia"}}
    case = Case(decision_of(read_by_treatment(RULES, evaluate(facts, RULES))), facts, ON)
    items = missing_of_plan(judge(case, in_force(KNOWLEDGE, ON)), case)
    changed = {item.fact: {(c.conclusion, c.value, c.to) for c in item.changes} for item in items}
    blocks = {("modality:injection", True, "blocked"), ("modality:dry_needling", True, "blocked")}
    assert blocks <= changed["needle_phobia"]
    assert not any(to in {"offered", "optional_unproven"} for _, _, to in changed["needle_phobia"])


def test_ten_unknown_red_flag_questions() -> None:
    found = changes_by_fact(set(RAISES))
    assert {name: flags(changes) for name, changes in found.items() if flags(changes)} == RAISES


@pytest.mark.parametrize("name", [*RAISES, *MORE])
def test_forty_unknown_findings(name: str) -> None:
    missing = {*RAISES, *MORE, *QUIET}
    assert len(missing) == 40
    found = changes_by_fact(missing)
    assert flags(found[name]) == (RAISES | MORE)[name]
