"""The decision list, line by line, and what several nodules make of it."""

import datetime as dt
from typing import Any

import pytest
from tests.support.assessing import assess

from diagnosis.judge import load_ruleset

ON = dt.date(2026, 11, 22)
RULESET = load_ruleset()
TYPICAL: dict[str, Any] = {
    "id": "a",
    "certainty": "definite",
    "site": "psis",
    "mobility": "mobile",
    "consistency": "rubbery",
    "depth": "subcutaneous",
    "size_long_mm": 20,
    "tenderness": 2,
    "pain_reproduction": "familiar_pain",
}
NORMAL = {"power": "normal", "reflexes": "normal", "sensation": "normal"}
HALVED = {"nodule_id": "a", "nrs_before": 6, "nrs_after": 3, "minutes_after": 20}
FAILED = {**HALVED, "nrs_after": 6, "technically_sound": True}


def assessed(facts: dict[str, Any]) -> dict[str, Any]:
    return assess(facts, RULESET, ON).document


def one(**findings: Any) -> dict[str, Any]:
    return NORMAL | {"nodules": [TYPICAL | findings]}


def reached(facts: dict[str, Any]) -> tuple[str, str]:
    document = assessed(facts)
    return document["likelihood"], document["nodules"][0]["line"]


@pytest.mark.parametrize(
    ("facts", "likelihood", "line"),
    [
        (one(site="flank"), "UNLIKELY", "2"),
        (one(site="midline"), "UNLIKELY", "2"),
        (one(cough_impulse_or_reducible=True), "UNLIKELY", "2"),
        (one(certainty="doubtful"), "POSSIBLE", "3"),
        (one(certainty="doubtful", tenderness=0) | {"point_tenderness": 0}, "UNLIKELY", "3"),
        (one(tenderness=0), "INCIDENTAL", "4"),
        (one(pain_reproduction="none"), "INCIDENTAL", "4"),
        (one(pain_reproduction="other_pain"), "INCIDENTAL", "4"),
        (one() | {"reflexes": "reduced"}, "POSSIBLE", "5"),
        (one() | {"known_axial_spondyloarthritis": True}, "POSSIBLE", "5"),
        (one(site="other"), "POSSIBLE", "7"),
        (one() | {"blocks": [HALVED]}, "CONFIRMED", "8"),
        (one(), "PROBABLE", "9"),
    ],
)
def test_the_first_line_that_matches_wins(
    facts: dict[str, Any], likelihood: str, line: str
) -> None:
    assert reached(facts) == (likelihood, line)


def test_an_earlier_line_beats_a_later_one() -> None:
    both = one(site="flank", tenderness=0) | {"reflexes": "reduced", "blocks": [HALVED]}
    assert reached(both) == ("UNLIKELY", "2")


def test_large_and_not_fat_is_possible_by_line_six() -> None:
    large = one(size_long_mm=30) | {
        "investigations": [{"kind": "ct", "nodule_id": "a", "result": "normal"}]
    }
    assert reached(large) == ("POSSIBLE", "6")


def test_a_block_that_failed_lowers_one_step() -> None:
    assert assessed(one() | {"blocks": [FAILED]})["likelihood"] == "POSSIBLE"
    assert assessed(one() | {"blocks": [FAILED]})["conclusions"]["lowered_by"] == ["BC-08"]


def test_two_reasons_lower_one_step_together() -> None:
    no_gain = {
        "treatments_given": [{"modality": "injection", "nodule_id": "a", "performed_days_ago": 30}],
        "contacts": [
            {"kind": "first", "happened_days_ago": 40, "pain_nrs_now": 7},
            {"kind": "follow_up", "happened_days_ago": 0, "pain_nrs_now": 7},
        ],
    }
    answer = assessed(one() | {"blocks": [FAILED]} | no_gain)
    assert answer["likelihood"] == "POSSIBLE"
    assert answer["conclusions"]["lowered_by"] == ["BC-08", "FU-04-category"]


@pytest.mark.parametrize(
    ("facts", "lowered"),
    [
        (one() | {"blocks": [HALVED, FAILED]}, "PROBABLE"),
        (one(site="other") | {"blocks": [FAILED]}, "INCIDENTAL"),
        (one(certainty="doubtful") | {"blocks": [FAILED]}, "UNLIKELY"),
        (one(tenderness=0) | {"blocks": [FAILED]}, "INCIDENTAL"),
        (one(site="flank") | {"blocks": [FAILED]}, "UNLIKELY"),
    ],
)
def test_each_likelihood_is_lowered_to_the_next_one(facts: dict[str, Any], lowered: str) -> None:
    assert assessed(facts)["likelihood"] == lowered


def test_a_failed_block_of_nobody_knows_which_nodule_leaves_both_possible() -> None:
    unnamed = {name: value for name, value in FAILED.items() if name != "nodule_id"}
    answer = assessed(one() | {"blocks": [unnamed]})
    assert answer["provisional"]["possible"] == ["PROBABLE", "POSSIBLE"]
    assert answer["conclusions"]["lowered"] is False


def test_a_good_fall_at_an_unknown_minute_keeps_confirmed_in_range() -> None:
    unread = {name: value for name, value in HALVED.items() if name != "minutes_after"}
    answer = assessed(one() | {"blocks": [unread]})
    assert answer["likelihood"] == "PROBABLE"
    assert answer["provisional"]["possible"] == ["CONFIRMED", "PROBABLE"]


def test_a_block_without_scores_may_have_helped_or_not() -> None:
    answer = assessed(one() | {"blocks": [{"nodule_id": "a"}]})
    assert answer["provisional"]["possible"] == ["CONFIRMED", "PROBABLE", "POSSIBLE"]


@pytest.mark.parametrize(
    ("point", "likelihood"),
    [
        ({"point_site": "crest_medial", "point_tenderness": 1}, "NOT-ASSESSABLE"),
        ({"point_tenderness": 0}, "UNLIKELY"),
        ({"point_site": "flank"}, "UNLIKELY"),
        (
            {
                "point_site": "crest_medial",
                "point_tenderness": 1,
                "point_reproduction": "familiar_pain",
            },
            "POSSIBLE",
        ),
    ],
)
def test_without_a_nodule_the_most_tender_point_decides(
    point: dict[str, Any], likelihood: str
) -> None:
    assert assessed({"nodule_present": "none", **point})["likelihood"] == likelihood


def test_a_failed_block_of_the_point_lowers_a_case_without_a_nodule() -> None:
    point = {
        "nodule_present": "none",
        "point_site": "psis",
        "point_tenderness": 2,
        "point_reproduction": "familiar_pain",
        "blocks": [{**FAILED, "nodule_id": None}],
    }
    assert assessed(point)["likelihood"] == "UNLIKELY"


def test_a_case_shows_its_highest_nodule() -> None:
    silent = TYPICAL | {"id": "b", "tenderness": 0}
    answer = assessed(NORMAL | {"nodules": [silent, TYPICAL]})
    assert answer["likelihood"] == "PROBABLE"
    shown = {nodule["id"]: nodule["likelihood"] for nodule in answer["nodules"]}
    assert shown == {"a": "PROBABLE", "b": "INCIDENTAL"}


def test_a_nodule_that_is_counted_but_not_described_keeps_the_case_open() -> None:
    silent = NORMAL | {"nodules": [TYPICAL | {"tenderness": 0}], "nodule_count": 2}
    assert assessed(silent)["likelihood"] == "NOT-ASSESSABLE"
    probable = one() | {"nodule_count": 2}
    assert assessed(probable)["likelihood"] == "PROBABLE"


def test_unknown_certainty_keeps_the_doubtful_answers_open() -> None:
    unsaid = {name: value for name, value in TYPICAL.items() if name != "certainty"}
    answer = assessed(NORMAL | {"nodules": [unsaid]})
    assert answer["provisional"]["possible"] == ["PROBABLE", "POSSIBLE"]
