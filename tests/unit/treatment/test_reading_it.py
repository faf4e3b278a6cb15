"""What a clinician stumbles over when reading a plan."""

import re
from typing import Any

import pytest
from tests.unit.treatment.conftest import GUIDANCE, SENTENCES

from rules.catalogue.questions import question
from treatment.write import write_text


def as_text(plan: dict[str, Any]) -> str:
    return write_text(plan, SENTENCES)


WARFARIN = {"comorbidity": {"anticoagulant": "warfarin"}}
EMERGENCIES = {"RF-01": "round-the-clock MRI", "RF-06": "immediate MRI", "RF-10": "call them now"}


def locked(rule: str, urgency: str) -> dict[str, Any]:
    headline = {"rule": rule, "title": "A flag", "urgency": urgency, "action": "Act."}
    flags = {"locked": True, "locks": [rule], "headline": headline, "active": []}
    return {"red_flags": flags, "citations": {}}


def item(plan: dict[str, Any], modality: str) -> dict[str, Any]:
    return next(one for one in plan["modalities"] if one["modality"] == modality)


def check(plan: dict[str, Any], modality: str, rule: str) -> dict[str, Any]:
    checks = item(plan, modality)["contraindications"]
    return next(one for one in checks if one["rule"] == rule)


@pytest.mark.parametrize(("rule", "words"), EMERGENCIES.items())
def test_an_emergency_is_sent_where_emergencies_go(planned, rule, words):
    referral = planned({}, locked(rule, "emergency"))["referral"]
    assert referral["how_fast"] == "Emergency: now, within hours"
    assert words in referral["to"]
    assert "otherwise" not in referral["to"]


def test_an_aneurysm_that_may_wait_for_days_still_says_when_it_may_not(planned):
    referral = planned({}, locked("RF-10", "urgent"))["referral"]
    assert referral["how_fast"] == "Urgent: within days"
    assert "emergency services at once" in referral["to"]


def test_an_amount_that_nobody_stated_is_not_called_clear(planned):
    plan = planned()
    assert check(plan, "injection", "CI-04")["state"] == "not_stated"
    assert item(plan, "injection")["status"] == "offered"
    text = as_text(plan)
    assert "No amount of local anaesthetic is stated" in text
    assert "CI-04" not in text.partition("Laser:")[0]


def test_an_amount_that_was_stated_is(planned):
    drugs = [{"drug": "lidocaine", "amount_mg": 50, "with_adrenaline": False}]
    plan = planned({"planned_drugs": drugs, "patient": {"weight_kg": 70, "height_cm": 170}})
    assert check(plan, "injection", "CI-04")["state"] == "checked_clear"


@pytest.mark.parametrize(
    ("changes", "modality", "rule", "never"),
    [
        ({"patient": {"pregnancy_status": "yes"}}, "manual_therapy", "CI-09", "shockwave"),
        ({"patient": {"pregnancy_status": "yes"}}, "surgery", "CI-09", "TECAR"),
        ({"comorbidity": {"anticoagulant": "doac"}}, "tecar", "CI-06", "needle"),
        ({"comorbidity": {"anticoagulant": "doac"}}, "manual_therapy", "CI-06", "INR"),
        ({"comorbidity": {"implants": {"icd": True}}}, "dry_needling", "CI-07", "TECAR"),
    ],
)
def test_a_caution_speaks_of_the_treatment_it_stands_under(planned, changes, modality, rule, never):
    found = check(planned(changes), modality, rule)
    assert found["state"] == "caution"
    assert never not in found["sentence"]


def test_warfarin_without_an_inr_says_that_the_inr_is_missing(planned):
    plan = planned(WARFARIN)
    words = "Anticoagulant or bleeding disorder: recorded; still missing: INR."
    assert check(plan, "injection", "CI-06")["sentence"] == words
    assert words in {one["sentence"] for one in item(plan, "injection")["because"]}
    assert "  - What is the INR?" in as_text(plan).splitlines()


@pytest.mark.parametrize("changes", [{}, WARFARIN, {"comorbidity": None}, {"decisions": None}])
def test_a_page_asks_questions_and_shows_no_names_of_fields(planned, changes):
    plan = planned(changes)
    text = as_text(plan).partition("SOURCES")[0]
    assert not re.search(r"[a-z]+_[a-z]+", text)
    assert all(sentence.endswith("?") for sentence in plan["questions"].values())
    listed = {
        name for one in plan["modalities"] for b in one["because"] for name in b.get("missing", ())
    }
    assert listed <= set(plan["questions"])


def test_every_fact_can_be_asked_for_in_words():
    vocabulary = GUIDANCE.vocabulary
    names = [
        n
        for n, fact in vocabulary.facts.items()
        if fact.type != "codes" and fact.home != "derived" and not fact.derived
    ]
    asked = {name: question(vocabulary, name) for name in names}
    assert [name for name, words in asked.items() if not words.endswith("?") or "{" in words] == []
    assert [name for name, words in asked.items() if "_" in words] == []
    plain = [n for n in names if not vocabulary.facts[n].table.get("question")]
    assert plain == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"patient": {"pregnancy_status": "yes"}}, True),
        ({"patient": {"pregnancy_status": None}}, True),
        ({"patient": {"pregnancy_status": "no"}}, False),
    ],
)
def test_an_nsaid_in_pregnancy_is_left_to_a_decision_of_its_own(planned, changes, expected):
    care = " ".join(one["sentence"] for one in planned(changes)["self_care"])
    assert ("this guidance has no rule for it" in care) is expected


def test_what_comes_next_says_when_it_comes(planned):
    sentences = [one["sentence"] for one in planned()["if_it_fails"]]
    assert len(sentences) == 4
    assert all(sentence.startswith(("If ", "Before ")) for sentence in sentences)
