"""What a clinician stumbles over when reading an assessment."""

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.support.assessing import as_text, assess

from diagnosis.judge import load_ruleset
from diagnosis.schemas import case_facts

ON = dt.date(2026, 11, 22)
RULESET = load_ruleset()
EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "bm01_completed.json"
BODY: dict[str, Any] = json.loads(EXAMPLE.read_text())
BM01 = RULESET.knowledge.vocabulary.flatten(
    case_facts({"facts": {name: value for name, value in BODY.items() if name != "reference"}}, ON)
)
AT_ONCE = [
    {"saddle_sensation": "altered"},
    {"pulsatile_abdominal_mass": True},
    {"leg_weakness": "one"},
    {"fever": True},
    {"injury": "major"},
]


def assessed(**changes: Any) -> dict[str, Any]:
    return assess(BM01 | changes, RULESET, ON).document


@pytest.mark.parametrize("changes", AT_ONCE, ids=lambda changes: next(iter(changes)))
def test_what_needs_help_at_once_defers_every_examination(changes: dict[str, Any]) -> None:
    document = assessed(**changes)
    text = as_text(document)
    assert document["examinations"]
    assert all(entry["deferred"] for entry in document["examinations"])
    assert "EXAMINE NEXT" not in text
    assert "WHAT IS MISSING" not in text
    assert "Only after the red flag is settled: Tests at the iliac crest" in text


@pytest.mark.parametrize("changes", [{}, {"weight_loss": True}, {"cancer_history": "past"}])
def test_without_that_haste_the_examinations_stay(changes: dict[str, Any]) -> None:
    document = assessed(**changes)
    assert not any(entry["deferred"] for entry in document["examinations"])
    assert "EXAMINE NEXT" in as_text(document)


@pytest.mark.parametrize("changes", [{}, *AT_ONCE], ids=str)
def test_the_page_lists_what_it_cites_and_nothing_else(changes: dict[str, Any]) -> None:
    text, _, listed = as_text(assessed(**changes)).partition("SOURCES")
    cited = set(re.findall(r"\[(\d+)\]", text))
    assert cited == set(re.findall(r"(?m)^  - \[(\d+)\]", listed))
    first = [int(number) for number in dict.fromkeys(re.findall(r"\[(\d+)\]", text))]
    assert first == sorted(first)
    assert ".." not in listed


@pytest.mark.parametrize("changes", AT_ONCE, ids=lambda changes: next(iter(changes)))
def test_the_haste_is_said_once(changes: dict[str, Any]) -> None:
    summary = assessed(**changes)["summary"]
    assert len(re.findall(r"(?:Today|Emergency|Urgent|Hold):", summary)) == 1


def test_a_red_flag_is_called_by_its_name_once_among_what_is_missing() -> None:
    document = assess({"age_years": 40}, RULESET, ON).document
    missing = as_text(document).partition("WHAT IS MISSING")[2].replace("\n    ", " ")
    assert missing.count("RF-07 (Signs that together suggest serious disease)") == 1
    assert missing.count("RF-07") > 1


def test_an_answered_question_needs_no_source_and_an_open_one_has_it() -> None:
    answered = assessed()["red_flags"]["screen"]["items"]
    assert all(item["sources"] == [] for item in answered)
    still = assess({}, RULESET, ON).document["red_flags"]["screen"]["items"]
    assert still[0]["sources"] == ["BMJBP-CES", "IFOMPT2020"]
