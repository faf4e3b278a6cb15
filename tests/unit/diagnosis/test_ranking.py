"""Examinations are in order of safety, open questions and burden, and say so."""

import datetime as dt
from typing import Any

from tests.support.assessing import assess

from diagnosis.judge import load_ruleset

RULESET = load_ruleset()
ON = dt.date(2026, 11, 22)
NODULE = {
    "id": "a",
    "certainty": "definite",
    "site": "crest_medial",
    "mobility": "mobile",
    "tenderness": 2,
    "pain_reproduction": "familiar_pain",
}
MINIMAL = {
    "age_years": 45,
    "sex_at_birth": "female",
    "duration_days": 180,
    "pain_nrs_now": 6,
    "nodules": [NODULE],
}


def examinations(facts: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = assess(facts, RULESET, ON).document["examinations"]
    return found


def test_the_screen_comes_first_and_says_that_it_is_safety() -> None:
    first = examinations({})[0]
    assert first["rule"] == "RFS-13"
    assert first["why_here"].startswith("Safety: it is the red-flag screen.")


def test_what_can_settle_a_red_flag_comes_before_what_cannot() -> None:
    classes = [entry["ranked_by"]["safety"]["class"] for entry in examinations(MINIMAL)]
    assert classes == sorted(classes)
    assert classes[-1] == 2


def test_more_open_questions_come_first_and_then_the_smaller_burden() -> None:
    by = [entry["ranked_by"] for entry in examinations(MINIMAL)]
    keys = [
        (b["safety"]["class"], -len(b["questions"]), not b["together"], b["burden"]["class"])
        for b in by
    ]
    assert keys == sorted(keys)


def test_neurology_tells_which_red_flags_it_settles_and_what_it_costs() -> None:
    neurology = next(entry for entry in examinations(MINIMAL) if entry["rule"] == "NE-02")
    assert neurology["ranked_by"]["questions"] == ["RF-01", "RF-03", "likelihood"]
    assert "Can settle 3 open questions: RF-01" in neurology["why_here"]
    assert neurology["why_here"].endswith("looking and feeling, a few minutes (project choice).")
