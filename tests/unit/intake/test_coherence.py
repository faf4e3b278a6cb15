"""Answers that cannot all be true, each with its near miss."""

from datetime import date

import pytest

from intake.case import faults
from intake.schemas import FINDINGS

ON = date(2026, 11, 22)
NOWHERE = {"abdomen": False, "flank": False, "groin": False}


def palpated(**recorded):
    return {"nodule_examination": recorded}


CONTRADICTIONS = {
    "none, but described": (
        palpated(nodule_present="none") | {"nodules": [{"id": "a"}]},
        ("nodules",),
    ),
    "none, but counted": (
        palpated(nodule_present="none", nodule_count=1),
        ("nodule_examination", "nodule_count"),
    ),
    "there, but the list is empty": (
        palpated(nodule_present="doubtful") | {"nodules": []},
        ("nodules",),
    ),
    "there, but none counted": (
        palpated(nodule_present="definite", nodule_count=0),
        ("nodule_examination", "nodule_count"),
    ),
    "fewer counted than described": (
        palpated(nodule_count=1) | {"nodules": [{"id": "a"}, {"id": "b"}]},
        ("nodule_examination", "nodule_count"),
    ),
    "two with one id": ({"nodules": [{"id": "a"}, {"id": "a"}]}, ("nodules", 1, "id")),
    "the reserved id": ({"nodules": [{"id": "unlisted"}]}, ("nodules", 0, "id")),
    "short longer than long": (
        {"nodules": [{"id": "a", "size_long_mm": 9, "size_short_mm": 10}]},
        ("nodules", 0, "size_short_mm"),
    ),
    "never excised, but this one was": (
        palpated(lump_excised_before=False) | {"nodules": [{"id": "a", "excised_before": True}]},
        ("nodules", 0, "excised_before"),
    ),
    "began at an age to come": (
        {"patient": {"age_years": 40}, "history": {"age_at_onset_years": 41}},
        ("history", "age_at_onset_years"),
    ),
    "a pregnant man": (
        {"patient": {"sex_at_birth": "male", "pregnancy_status": "possible"}},
        ("patient", "pregnancy_status"),
    ),
    "no fever at 38": (
        {"red_flags": {"fever": False, "max_temp_c": 38}},
        ("red_flags", "fever"),
    ),
    "no injury, but it began with one": (
        {"red_flags": {"injury": "none"}, "history": {"onset_mechanism": "trauma_minor"}},
        ("red_flags", "injury"),
    ),
    "no tests, but a result": (
        {"red_flags": {"earlier_tests": "none"}, "labs": [{}]},
        ("red_flags", "earlier_tests"),
    ),
    "no imaging, but a result": (
        {"red_flags": {"earlier_tests": "none"}, "investigations": [{}]},
        ("red_flags", "earlier_tests"),
    ),
    "no blocks, but one": (
        {"care": {"earlier_blocks": "none"}, "blocks": [{}]},
        ("care", "earlier_blocks"),
    ),
    "normal power of grade 4": (
        {"examination": {"power": "normal", "lowest_power_mrc": 4}},
        ("examination", "power"),
    ),
    "reduced power of grade 5": (
        {"examination": {"power": "reduced_one_leg", "lowest_power_mrc": 5}},
        ("examination", "power"),
    ),
    "severe pain in a place that is denied": (
        {"red_flags": {"visceral_pain_severe": True}, "pain": {"pain_map": NOWHERE}},
        ("red_flags", "visceral_pain_severe"),
    ),
    "years since a cancer that never was": (
        {"red_flags": {"cancer_history": "none", "cancer_years_ago": 5}},
        ("red_flags", "cancer_history"),
    ),
    "a malignancy in the field of one who never had cancer": (
        {"red_flags": {"cancer_history": "none"}, "comorbidity": {"malignancy_in_field": True}},
        ("red_flags", "cancer_history"),
    ),
    "vesicles, but no rash": (
        {"examination": {"vesicles_at_site": True, "skin_findings": {"rash_or_vesicles": False}}},
        ("examination", "skin_findings", "rash_or_vesicles"),
    ),
    "diastolic above systolic": (
        {"examination": {"systolic_mmhg": 90, "diastolic_mmhg": 91}},
        ("examination", "diastolic_mmhg"),
    ),
    "a day to come": ({"labs": [{"performed_on": "2026-11-23"}]}, ("labs", 0, "performed_on")),
    "a nodule that is nobody": ({"blocks": [{"nodule_id": "x"}]}, ("blocks", 0, "nodule_id")),
}

COHERENT = [
    {},
    palpated(nodule_present="none", nodule_count=0) | {"nodules": []},
    palpated(nodule_present="definite", nodule_count=3) | {"nodules": [{"id": "a"}]},
    palpated(nodule_present="definite") | {"blocks": [{"nodule_id": "unlisted"}]},
    {"nodules": [{"id": "a", "size_long_mm": 9, "size_short_mm": 9}]},
    palpated(lump_excised_before=True) | {"nodules": [{"id": "a", "excised_before": True}]},
    {"patient": {"age_years": 40}, "history": {"age_at_onset_years": 40}},
    {"patient": {"sex_at_birth": "male", "pregnancy_status": "not_applicable"}},
    {"red_flags": {"fever": False, "max_temp_c": 37.9}},
    {"red_flags": {"fever": True, "max_temp_c": 38}},
    {"red_flags": {"injury": "minor"}, "history": {"onset_mechanism": "trauma_minor"}},
    {"red_flags": {"earlier_tests": "none"}, "labs": []},
    {"care": {"earlier_blocks": "none"}, "blocks": []},
    {"examination": {"power": "normal", "lowest_power_mrc": 5}},
    {"examination": {"power": "reduced_both_legs", "lowest_power_mrc": 0}},
    {"examination": {"vesicles_at_site": True, "skin_findings": {"rash_or_vesicles": True}}},
    {"red_flags": {"visceral_pain_severe": True}, "pain": {"pain_map": {"flank": False}}},
    {"red_flags": {"visceral_pain_severe": False}, "pain": {"pain_map": NOWHERE}},
    {"red_flags": {"cancer_history": "past", "cancer_years_ago": 5}},
    {"examination": {"systolic_mmhg": 90, "diastolic_mmhg": 90}},
    {"labs": [{"performed_on": "2026-11-22"}]},
    {"nodules": [{"id": "x"}], "blocks": [{"nodule_id": "x"}]},
]


@pytest.mark.parametrize(("body", "place"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_what_cannot_be_is_found_at_its_place(body, place):
    assert [fault.path for fault in faults(FINDINGS, body, ON)] == [place]


@pytest.mark.parametrize("body", COHERENT)
def test_what_can_be_is_left_in_peace(body):
    assert faults(FINDINGS, body, ON) == []


def test_one_side_alone_contradicts_nothing():
    for body, _ in CONTRADICTIONS.values():
        for home, value in body.items():
            if not isinstance(value, dict) or len(value) < 2:
                continue
            for name in value:
                alone = {home: {name: value[name]}}
                assert faults(FINDINGS, alone, ON) == []


def test_all_faults_are_found_at_once():
    body = {
        "labs": [{"performed_on": "2027-01-01"}],
        "blocks": [{"nodule_id": "x"}, {"nodule_id": "y"}],
    }
    assert len(faults(FINDINGS, body, ON)) == 3
