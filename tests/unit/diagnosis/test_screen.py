"""The red-flag screen: what answers an item, and what leaves it open."""

import datetime as dt
from typing import Any

import pytest
from tests.support.assessing import assess

from diagnosis.judge import load_ruleset

ON = dt.date(2026, 11, 22)
RULESET = load_ruleset()

FRACTURE_RELEASED = {
    "osteoporosis": True,
    "fracture_judged": "excluded_by_imaging",
    "fracture_judged_by": "physician",
}
VISCERAL_RELEASED = {
    "pain_map.flank": True,
    "pain_change": "new",
    "visceral_cause_excluded": True,
    "visceral_cause_excluded_by": "physician",
}
DISEASE_RELEASED = {
    "systemic_illness": True,
    "serious_disease_judged_unlikely": True,
    "serious_disease_judged_by": "physician",
}


def item(number: int, facts: dict[str, Any]) -> dict[str, Any]:
    screen = assess(facts, RULESET, ON).document["red_flags"]["screen"]
    found: dict[str, Any] = screen["items"][number - 1]
    return found


@pytest.mark.parametrize(
    ("number", "facts", "missing"),
    [
        (10, FRACTURE_RELEASED, "corticosteroid_use"),
        (12, VISCERAL_RELEASED, "pulsatile_abdominal_mass"),
        (4, DISEASE_RELEASED, "fever"),
    ],
)
def test_a_released_flag_leaves_the_rest_of_its_item_to_be_asked(
    number: int, facts: dict[str, Any], missing: str
) -> None:
    found = item(number, facts)

    assert found["state"] == "incomplete"
    assert missing in found["missing"]


def test_a_hold_leaves_the_rest_of_its_item_to_be_asked() -> None:
    assert item(10, {"osteoporosis": True})["state"] == "incomplete"


def test_a_positive_answer_that_locks_answers_its_item() -> None:
    assert item(1, {"bladder_change": "worsening"})["state"] == "positive"


def test_a_laboratory_value_without_its_limit_makes_its_item_incomplete_not_unasked() -> None:
    crp = {"earlier_tests": "done_result_recorded", "labs": [{"test": "crp", "value": 80}]}

    assert item(13, crp)["state"] == "incomplete"


@pytest.mark.parametrize(
    ("lab", "missing"),
    [
        ({"value": 86, "upper_limit": 5}, "labs[0].test"),
        ({"positive": True}, "labs[0].test"),
        ({"test": "crp", "value": 86, "positive": False}, "labs[0].upper_limit"),
        ({"test": "esr", "positive": False}, "labs[0].value"),
    ],
)
def test_a_laboratory_result_that_says_nothing_leaves_its_item_open(
    lab: dict[str, Any], missing: str
) -> None:
    found = item(13, {"earlier_tests": "done_result_recorded", "labs": [lab]})

    assert found["state"] == "incomplete"
    assert missing in found["missing"]


def test_an_item_of_which_nothing_was_answered_is_not_asked() -> None:
    assert item(10, {})["state"] == "not asked"


STEROID_NO = {
    "corticosteroid_use": "none",
    "osteoporosis": False,
    "previous_fragility_fracture": False,
}
NO_RISK = dict.fromkeys(
    ["immunosuppression", "injecting_drugs", "recent_procedure", "bloodstream_infection"], False
)
WOMAN_67 = STEROID_NO | {"age_years": 67, "sex_at_birth": "female"}
WEIGHT = {"pain_map.buttock": False, "pain_on_weight_bearing": False}


@pytest.mark.parametrize(
    ("number", "facts", "missing"),
    [
        (5, NO_RISK | {"tb_risk": True}, ["duration_days", "swelling"]),
        (5, NO_RISK | {"tb_risk": True, "swelling": False}, ["duration_days"]),
        (9, {"injury": "none", "skin_findings.bruise": True}, ["bruise_over_spine"]),
        (10, WOMAN_67, ["pain_map.buttock", "pain_on_weight_bearing"]),
    ],
)
def test_an_answer_that_a_rule_cannot_judge_alone_asks_for_the_rest(
    number: int, facts: dict[str, Any], missing: list[str]
) -> None:
    found = item(number, facts)

    assert found["state"] == "incomplete"
    assert sorted(found["missing"]) == missing


@pytest.mark.parametrize(
    ("number", "facts"),
    [
        (5, NO_RISK | {"tb_risk": False}),
        (5, NO_RISK | {"tb_risk": True, "swelling": False, "duration_days": 400}),
        (9, {"injury": "none"}),
        (9, {"injury": "none", "skin_findings.bruise": True, "bruise_over_spine": "none"}),
        (10, WOMAN_67 | WEIGHT),
        (10, WOMAN_67 | {"age_years": 64}),
        (10, WOMAN_67 | {"sex_at_birth": "male"}),
    ],
)
def test_nothing_more_is_asked_where_the_rule_can_judge(number: int, facts: dict[str, Any]) -> None:
    assert item(number, facts)["missing"] == []
