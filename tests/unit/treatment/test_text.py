"""The plan as a page: what a clinician reads, and in which order."""

import pytest
from tests.unit.treatment.conftest import SENTENCES

from treatment.write import write_text


def as_text(plan):
    return write_text(plan, SENTENCES)


INJECTED = {"modality": "injection", "performed_days_ago": 40, "adverse_event": "none"}
SEEN = [
    {"kind": "first", "happened_days_ago": 45, "pain_nrs_average": 8, "rmdq": 14},
    {"kind": "follow_up", "happened_days_ago": 10, "pain_nrs_average": 0, "rmdq": 1,
     "worse_or_new_sign": False, "nodule_palpable": True},
]  # fmt: skip
LOCK = {
    "red_flags": {
        "locked": True,
        "locks": ["RF-01"],
        "headline": {"rule": "RF-01", "title": "Cauda equina", "urgency": "emergency"},
        "active": [{"rule": "RF-01", "sources": ["Z"]}],
    },
    "citations": {"Z": {"text": "Z.", "read": "abstract"}},
}


def headings(text):
    return [line.split("   ")[0] for line in text.splitlines() if line[:4].isupper()]


def test_the_page_goes_from_what_to_do_to_where_it_is_written(planned):
    assert headings(as_text(planned())) == [
        "PLAN, case c, revision 1, judged on 2026-11-22",
        "STEP",
        "TREATMENTS",
        "DIAGNOSTIC BLOCK",
        "SELF-CARE AND GENERAL CARE",
        "FOLLOW-UP",
        "IF IT FAILS",
        "SAFETY NET",
        "SOURCES",
    ]


def test_a_lock_leaves_one_page_with_where_and_how_fast(planned):
    text = as_text(planned({}, LOCK))
    assert headings(text)[1:] == ["REFER", "SOURCES"]
    assert "How fast: Emergency: now, within hours." in text
    assert "] Finucane LM et al." in text


def test_the_last_treatment_is_judged_on_the_page(planned):
    text = as_text(planned({"treatments_given": [INJECTED], "contacts": SEEN}))
    assert "LAST TREATMENT   responder" in text
    assert "Pain 8 before, 0 after 30 days." in text
    assert "FOLLOW-UP" in text
    assert "IF IT FAILS" not in text


def test_what_is_missing_is_named_with_what_it_could_change(planned):
    text = as_text(planned({"comorbidity": {"diabetes": None, "implants": None}}))
    assert "WHAT IS MISSING, AND WHAT IT COULD CHANGE" in text
    assert "Implants: pacemaker is not recorded; it could change: shockwave, tecar." in text


def test_a_long_list_of_what_is_missing_is_cut_and_counted(planned):
    text = as_text(planned({"comorbidity": None, "decisions": None}))
    assert "more that could change it alone." in text
    assert "May matter together with others: " in text


def test_a_follow_up_without_a_known_start_says_then(planned):
    text = as_text(planned({"treatments_given": [{"modality": "laser"}]}))
    assert "Then (day 14, counted from the treatment)" in text


def test_a_warning_and_a_corticosteroid_that_is_refused_are_on_the_page(planned):
    changes = {
        "comorbidity": {"anticoagulant": "doac"},
        "decisions": {"consent": {"corticosteroid": False}},
    }
    text = as_text(planned(changes))
    assert "Caution: Do not stop the anticoagulant automatically." in text
    assert "Corticosteroid: withheld (consent)." in text


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "A local anaesthetic alone is an option"),
        ({"patient": {"pregnancy_status": "yes"}}, "The injection itself is blocked."),
        ({"decisions": {"consent": {"injection": None}}}, "The injection itself is withheld."),
    ],
)
def test_a_local_anaesthetic_alone_is_an_option_only_where_an_injection_is(
    planned, changes, expected
):
    injection = planned(changes)["modalities"][0]
    assert expected in injection["corticosteroid"]["sentence"]


def test_what_fails_without_a_needle_is_judged_again_before_one_is_offered(planned):
    text = as_text(planned({"decisions": {"prefers_conservative": True}}))
    assert "an injection is offered only if it is indicated by then. (TX-07)" in text


def test_treatments_in_a_sentence_begin_small_unless_abbreviated(planned):
    assert "laser, TECAR (capacitive-resistive diathermy), shockwave" in planned()["summary"]


@pytest.mark.parametrize("changes", [{}, {"comorbidity": None}, {"nodules": None}])
def test_no_line_is_longer_than_a_page_unless_it_is_an_address(planned, changes):
    lines = as_text(planned(changes)).splitlines()
    assert [line for line in lines if len(line) > 96 and "://" not in line] == []


def test_a_plan_without_a_case_says_only_the_day(planned):
    text = as_text(planned({}, {"case_id": None, "revision": None}))
    assert text.startswith("PLAN, judged on 2026-11-22\n")
