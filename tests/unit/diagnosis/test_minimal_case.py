"""The empty and the minimal case of rules.md, section 5, word for word."""

import datetime as dt
from typing import Any

import pytest
from tests.support.assessing import assess

from diagnosis.judge import load_ruleset

ON = dt.date(2026, 11, 22)
RULESET = load_ruleset()
NODULE = {
    "id": "a",
    "site": "crest_medial",
    "mobility": "mobile",
    "tenderness": 2,
    "pain_reproduction": "familiar_pain",
}
MINIMAL: dict[str, Any] = {
    "age_years": 45,
    "sex_at_birth": "female",
    "duration_days": 180,
    "pain_nrs_now": 6,
    "nodule_present": "definite",
    "nodules": [NODULE],
}
NORMAL_NEUROLOGY = {"power": "normal", "reflexes": "normal", "sensation": "normal"}
SIZE_AND_DEPTH = {"size_long_mm": 20, "depth": "subcutaneous"}
FAT = [{"kind": "ultrasound", "nodule_id": "a", "result": "fat_nodule"}]


def assessed(facts: dict[str, Any]) -> dict[str, Any]:
    return assess(facts, RULESET, ON).document


def with_nodule(**findings: Any) -> dict[str, Any]:
    return MINIMAL | {"nodules": [NODULE | findings]}


def test_an_empty_case_is_not_assessable_and_asks_the_first_questions() -> None:
    answer = assessed({})
    assert answer["likelihood"] == answer["category"] == "NOT-ASSESSABLE"
    assert answer["red_flags"]["screen"]["sentence"] == "red-flag screen: 0 of 13"
    assert {item["state"] for item in answer["red_flags"]["screen"]["items"]} == {"not asked"}
    first = [entry["rule"] for entry in answer["examinations"]]
    assert first[0] == "RFS-13"
    assert {"NE-01", "BC-01"} <= set(first)
    assert not answer["red_flags"]["active"]
    assert not answer["red_flags"]["locked"]


def test_a_bare_nodule_question_is_asked_before_all_other_palpation() -> None:
    decided = assessed({})["provisional"]["decided_by"]
    assert [entry["examination"] for entry in decided] == ["Structured palpation of the belt line"]


@pytest.mark.parametrize(
    ("recorded", "asks", "rule"),
    [
        ({}, "Structured palpation of the belt line", "BC-01"),
        ({"nodule_present": "doubtful"}, "Structured palpation of the belt line", "BC-01"),
        ({"nodules": [{"id": "a"}]}, "Structured palpation of the belt line", "BC-01"),
        ({"nodule_present": "definite"}, "Complete the palpation of the nodule", "BC-02"),
        ({"nodule_present": "none"}, "Complete the palpation: the most tender point", "BC-04"),
    ],
)
def test_palpation_is_said_to_be_missing_only_where_it_is_missing_or_uncertain(
    recorded: dict[str, Any], asks: str, rule: str
) -> None:
    answer = assessed(recorded)
    (entry,) = [one for one in answer["examinations"] if one["examination"] == "palpation"]
    assert (entry["title"], entry["rule"]) == (asks, rule)
    assert ("nobody can say" in entry["because"]) == (rule == "BC-01")
    assert asks in {one["examination"] for one in answer["provisional"]["decided_by"]}


@pytest.mark.parametrize("age", [45, 70])
def test_the_minimal_case_is_possible_and_may_become_probable(age: int) -> None:
    answer = assessed(MINIMAL | {"age_years": age})
    assert answer["likelihood"] == answer["category"] == "POSSIBLE"
    assert answer["provisional"]["lowest"] == "POSSIBLE"
    assert answer["provisional"]["highest"] == "PROBABLE"
    assert answer["provisional"]["possible"] == ["PROBABLE", "POSSIBLE"]
    decided = {entry["examination"] for entry in answer["provisional"]["decided_by"]}
    assert decided == {
        "Neurological examination of the legs",
        "Size in two diameters and depth of the nodule, or ultrasound",
    }


def test_at_45_nothing_is_active_and_at_70_the_fracture_question_holds() -> None:
    assert assessed(MINIMAL)["red_flags"]["active"] == []
    flags = assessed(MINIMAL | {"age_years": 70})["red_flags"]
    assert flags["holds"] == ["RF-05"]
    assert flags["locks"] == []
    assert flags["headline"]["rule"] == "RF-05"
    assert flags["withheld"] == {"needle": ["RF-05"], "energy": ["RF-05"], "manual": ["RF-05"]}


@pytest.mark.parametrize(
    "more",
    [
        NORMAL_NEUROLOGY | with_nodule(**SIZE_AND_DEPTH),
        NORMAL_NEUROLOGY | MINIMAL | {"investigations": FAT},
    ],
    ids=["size with depth", "ultrasound fat"],
)
def test_normal_neurology_with_size_and_depth_or_fat_makes_it_probable(
    more: dict[str, Any],
) -> None:
    answer = assessed(MINIMAL | more)
    assert answer["likelihood"] == "PROBABLE"
    assert answer["provisional"] is None


@pytest.mark.parametrize(
    "less", [NORMAL_NEUROLOGY | MINIMAL, with_nodule(**SIZE_AND_DEPTH)], ids=["neurology", "size"]
)
def test_one_of_the_two_alone_leaves_it_provisional(less: dict[str, Any]) -> None:
    answer = assessed(MINIMAL | less)
    assert answer["likelihood"] == "POSSIBLE"
    assert answer["provisional"]["possible"] == ["PROBABLE", "POSSIBLE"]


@pytest.mark.parametrize(
    "worse",
    [
        MINIMAL | {"reflexes": "reduced"},
        MINIMAL | {"skin_findings.rash_or_vesicles": True},
        NORMAL_NEUROLOGY | with_nodule(size_long_mm=30, depth="subcutaneous"),
        NORMAL_NEUROLOGY | with_nodule(size_long_mm=45, depth="subcutaneous"),
    ],
    ids=["deficit", "competitor", "30 mm", "45 mm"],
)
def test_a_deficit_a_competitor_or_30_mm_keeps_it_possible(worse: dict[str, Any]) -> None:
    assert assessed(MINIMAL | worse)["likelihood"] == "POSSIBLE"


def test_30_mm_stays_open_until_imaging_shows_what_it_is() -> None:
    large = MINIMAL | NORMAL_NEUROLOGY | with_nodule(size_long_mm=30, depth="subcutaneous")
    assert assessed(large)["provisional"]["highest"] == "PROBABLE"
    assert assessed(large | {"investigations": FAT})["likelihood"] == "PROBABLE"
    not_fat = [{"kind": "ultrasound", "nodule_id": "a", "result": "other"}]
    assert assessed(large | {"investigations": not_fat})["provisional"] is None
