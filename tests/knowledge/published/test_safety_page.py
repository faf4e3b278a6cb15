"""The hazards name rules, patients and tests that exist; docs/safety.md shows them as they are."""

import dataclasses

import pytest
from tests.knowledge.hazards import Hazard, all_rules, exists, faults, hazards, missing_in_one
from tests.safety_page import PAGE, page


def test_the_table_of_hazards_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == page(), "python -m tests.safety_page"


def test_the_hazards_are_controlled_shown_and_claimed() -> None:
    assert list(faults(hazards(), all_rules())) == []


def test_both_services_have_every_hazard() -> None:
    assert list(missing_in_one()) == []


def test_a_red_flag_or_contraindication_that_nobody_claims_is_told() -> None:
    found = [dataclasses.replace(one, rules=("RF-01", "CI-01")) for one in hazards()]
    complaints = list(faults(found, frozenset({"RF-01", "RF-02", "CI-01", "CI-14", "BC-02"})))
    assert complaints == ["CI-14 controls no hazard.", "RF-02 controls no hazard."]


@pytest.mark.parametrize("lacking", ["rules", "shown_by"])
def test_a_hazard_that_nothing_controls_or_shows_is_told(lacking: str) -> None:
    hazard = Hazard("H-99", "A", "B", ("RF-01",), ("MM-31",))
    assert list(faults([hazard], frozenset())) == []
    assert len(list(faults([dataclasses.replace(hazard, **{lacking: ()})], frozenset()))) == 1


@pytest.mark.parametrize(
    "proof",
    [
        "MM-99",
        "tests/knowledge/test_published_cases.py::test_of_nothing",
        "tests/knowledge/diagnosis/red_flags/rf_99.toml",
    ],
)
def test_a_proof_that_does_not_exist_is_told(proof: str) -> None:
    assert not exists(proof)
    hazard = Hazard("H-99", "A", "B", ("RF-01",), (proof,))
    assert list(faults([hazard], frozenset())) == [f"H-99: {proof} does not exist."]


def test_the_page_says_that_no_clinician_has_signed() -> None:
    assert "Clinical sign-off: none yet" in PAGE.read_text("utf-8")
