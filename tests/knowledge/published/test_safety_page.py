"""The hazards of docs/safety.md name rules, patients and tests that exist."""

import re
from pathlib import Path

import pytest
from tests.knowledge.published.reader import patients

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "safety.md").read_text("utf-8")
HAZARDS = [line.strip("|").split("|") for line in PAGE.splitlines() if line.startswith("| H-")]
RULE = re.compile(r"\b(?:RF|BC|DD|NE|TX|CI|FU)-\d\d\b")


def known_rules() -> set[str]:
    files = ROOT.glob("services/*/knowledge/**/*.toml")
    return {
        m
        for file in files
        for m in re.findall(r'(?m)^id = "([A-Z]{2}-\d\d)', file.read_text("utf-8"))
    }


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda cells: cells[0].strip())
def test_every_hazard_is_controlled_by_rules_that_exist(hazard) -> None:
    named = set(RULE.findall(hazard[3]))
    assert named
    assert named - known_rules() == set()


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda cells: cells[0].strip())
def test_every_hazard_is_shown_by_patients_and_tests_that_exist(hazard) -> None:
    tests = (ROOT / "tests/knowledge/test_published_cases.py").read_text("utf-8")
    named = re.findall(r"[BM]M-\d\d", hazard[4])
    assert set(named) - set(patients()) == set()
    assert all(f"def {name}(" in tests for name in re.findall(r"`(test_\w+)`", hazard[4]))
    assert hazard[4].strip()


def test_the_page_says_that_no_clinician_has_signed() -> None:
    assert "Clinical sign-off: none yet" in PAGE
