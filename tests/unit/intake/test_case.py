"""Opening, correcting and following up: pure, so that the same words give the same revision."""

from datetime import date, timedelta

import pytest

from intake.case import (
    GrowsByFollowUps,
    ImplausibleCase,
    Moment,
    correct,
    follow_up,
    is_unchanged,
    open_case,
)
from intake.case.revisions import MOST_DAYS, MOST_YEARS
from intake.schemas import FINDINGS, VOCABULARY

FIRST = Moment(date(2026, 10, 1), 1)
LATER = Moment(date(2026, 11, 22), 2)
BODY = {
    "reference": "r",
    "pain": {"pain_nrs_now": 7, "pain_nrs_worst": 9},
    "decisions": {"rmdq": 12},
    "clinician_records": {"pain_not_aortic": True, "pain_not_aortic_by": "physician"},
    "nodules": [{"id": "a"}],
}


@pytest.fixture
def case():
    return open_case(FINDINGS, "clinic", "case", BODY, FIRST)


def test_a_case_opens_at_revision_one_with_its_reference_set_apart(case):
    assert (case.revision, case.contact, case.reference) == (1, "first", "r")
    assert "reference" not in case.body


def test_a_correction_keeps_when_the_case_was_opened(case):
    revised = correct(FINDINGS, case, {"reference": "s", "pain": {"pain_nrs_now": 6}}, LATER)
    assert (revised.revision, revised.contact, revised.reference) == (2, "correction", "s")
    assert (revised.opened, revised.accepted) == (FIRST, LATER)
    assert revised.body["pain"] == {"pain_nrs_now": 6, "pain_nrs_worst": 9}
    assert case.body["pain"]["pain_nrs_now"] == 7


def test_a_correction_keeps_the_statements_of_its_contact(case):
    revised = correct(FINDINGS, case, {"pain": {"pain_nrs_now": 6}}, LATER)
    assert revised.body["clinician_records"]["pain_not_aortic"] is True


@pytest.mark.parametrize("name", ["contacts", "blocks", "treatments_given"])
def test_what_was_done_is_not_corrected_away(case, name):
    with pytest.raises(GrowsByFollowUps) as refused:
        correct(FINDINGS, case, {name: []}, LATER)
    assert refused.value.errors[0]["pointer"] == f"/{name}"
    with pytest.raises(GrowsByFollowUps) as refused:
        follow_up(FINDINGS, case, {"contact": {}, "findings": {name: []}}, LATER)
    assert refused.value.errors[0]["pointer"] == f"/findings/{name}"


def test_the_first_follow_up_writes_the_first_contact_down(case):
    revised = follow_up(FINDINGS, case, {"contact": {"pain_nrs_now": 3}}, LATER)
    assert revised.body["contacts"] == [
        {
            "happened_on": "2026-10-01",
            "kind": "first",
            "pain_nrs_now": 7,
            "pain_nrs_worst": 9,
            "rmdq": 12,
        },
        {"happened_on": "2026-11-22", "kind": "follow_up", "pain_nrs_now": 3},
    ]


def test_a_first_contact_that_the_clinic_wrote_down_stays_as_it_is():
    first = {"happened_on": "2026-09-01", "kind": "first", "pain_nrs_now": 8}
    case = open_case(FINDINGS, "clinic", "case", BODY | {"contacts": [first]}, FIRST)
    revised = follow_up(FINDINGS, case, {"contact": {"pain_nrs_now": 3}}, LATER)
    assert [contact["pain_nrs_now"] for contact in revised.body["contacts"]] == [8, 3]


def test_the_newest_scores_are_those_of_the_newest_contact(case):
    revised = follow_up(FINDINGS, case, {"contact": {"pain_nrs_now": 3, "rmdq": 4}}, LATER)
    assert revised.body["pain"] == {"pain_nrs_now": 3, "pain_nrs_worst": 9}
    assert revised.body["decisions"] == {"rmdq": 4}


def test_an_average_of_before_does_not_outlive_a_newer_score():
    body = BODY | {"pain": {"pain_nrs_now": 8, "pain_nrs_average": 8, "pain_nrs_worst": 9}}
    case = open_case(FINDINGS, "clinic", "case", body, FIRST)
    revised = follow_up(FINDINGS, case, {"contact": {"pain_nrs_now": 2}}, LATER)
    assert revised.body["pain"] == {"pain_nrs_now": 2, "pain_nrs_worst": 9}
    assert revised.body["contacts"][0]["pain_nrs_average"] == 8
    silent = follow_up(FINDINGS, case, {"contact": {"rmdq": 4}}, LATER)
    assert silent.body["pain"]["pain_nrs_average"] == 8


@pytest.mark.parametrize("made", [correct, follow_up])
def test_a_result_that_comes_in_ends_the_answer_that_there_was_no_test(made):
    body = BODY | {"red_flags": {"earlier_tests": "none", "fever": False}}
    case = open_case(FINDINGS, "clinic", "case", body, FIRST)
    result = {"investigations": [{"kind": "ultrasound", "result": "fat_nodule"}]}
    recorded = result if made is correct else {"contact": {}, "findings": result}
    revised = made(FINDINGS, case, recorded, LATER)
    assert revised.body["red_flags"] == {"earlier_tests": "done_result_recorded", "fever": False}


def test_who_says_both_that_there_was_no_test_and_its_result_is_refused(case):
    recorded = {"labs": [{"test": "crp"}], "red_flags": {"earlier_tests": "none"}}
    with pytest.raises(ImplausibleCase) as refused:
        correct(FINDINGS, case, recorded, LATER)
    assert refused.value.errors[0]["pointer"] == "/red_flags/earlier_tests"


@pytest.mark.parametrize(
    ("treatment", "again", "left"),
    [
        ({"modality": "exercise", "performed_on": "2026-10-25"}, {}, None),  # 28 days ago
        ({"modality": "exercise", "performed_on": "2026-10-26"}, {}, "not_treated"),
        ({"modality": "manual_therapy"}, {}, None),
        ({"modality": "injection", "performed_on": "2026-10-02"}, {}, "not_treated"),
        ({"modality": "exercise"}, {"gain_after_care": "not_treated"}, "not_treated"),
        ({"modality": "exercise"}, {"gain_after_care": "none"}, "none"),
    ],
)
def test_four_weeks_of_care_end_the_answer_that_nobody_was_treated(treatment, again, left):
    body = BODY | {"history": {"gain_after_care": "not_treated", "duration_days": 80}}
    case = open_case(FINDINGS, "clinic", "case", body, FIRST)
    entry = {"contact": {}, "treatments_given": [treatment], "findings": {"history": again}}
    history = follow_up(FINDINGS, case, entry, LATER).body["history"]
    assert history.get("gain_after_care") == left
    assert "duration_days" in history


def test_another_answer_about_care_outlives_it():
    body = BODY | {"history": {"gain_after_care": "lasting"}}
    case = open_case(FINDINGS, "clinic", "case", body, FIRST)
    entry = {"contact": {}, "treatments_given": [{"modality": "exercise"}]}
    assert follow_up(FINDINGS, case, entry, LATER).body["history"] == body["history"]


def test_a_contact_written_down_late_changes_no_newer_score(case):
    now = follow_up(FINDINGS, case, {"contact": {"pain_nrs_now": 3}}, LATER)
    before = {"contact": {"happened_on": "2026-10-20", "pain_nrs_now": 5}}
    assert follow_up(FINDINGS, now, before, LATER).body["pain"]["pain_nrs_now"] == 3


def test_a_follow_up_clears_statements_unless_it_brings_them_again(case):
    cleared = follow_up(FINDINGS, case, {"contact": {}}, LATER)
    assert "clinician_records" not in cleared.body
    again = {"contact": {}, "findings": {"clinician_records": {"pain_not_aortic": True}}}
    kept = follow_up(FINDINGS, case, again, LATER)
    assert kept.body["clinician_records"] == {"pain_not_aortic": True}


def test_blocks_and_treatments_are_appended_and_said_to_be_recorded(case):
    entry = {
        "contact": {},
        "blocks": [{"nodule_id": "a", "nrs_before": 7, "nrs_after": None}],
        "treatments_given": [{"modality": "injection"}],
    }
    once = follow_up(FINDINGS, case, entry, LATER)
    twice = follow_up(FINDINGS, once, entry, LATER)
    assert twice.body["blocks"] == [{"nodule_id": "a", "nrs_before": 7}] * 2
    assert twice.body["treatments_given"] == [{"modality": "injection"}] * 2
    assert twice.body["care"] == {"earlier_blocks": "recorded"}


def test_a_nodule_that_has_gone_may_still_be_named_by_what_was_done(case):
    treated = follow_up(FINDINGS, case, {"contact": {}, "blocks": [{"nodule_id": "a"}]}, LATER)
    gone = correct(FINDINGS, treated, {"nodules": []}, LATER)
    assert gone.body["blocks"] == [{"nodule_id": "a"}]
    with pytest.raises(ImplausibleCase) as refused:
        follow_up(FINDINGS, gone, {"contact": {}, "blocks": [{"nodule_id": "b"}]}, LATER)
    assert refused.value.errors[0]["pointer"] == "/blocks/0/nodule_id"


def test_a_list_that_is_full_takes_no_more(case):
    entry = {"contact": {}, "blocks": [{}] * 50}
    full = follow_up(FINDINGS, case, entry, LATER)
    with pytest.raises(ImplausibleCase) as refused:
        follow_up(FINDINGS, full, {"contact": {}, "blocks": [{}]}, LATER)
    assert refused.value.errors == [
        {"pointer": "/blocks", "detail": "At most 50 entries are kept."}
    ]


def opened(days, years):
    history = {"duration_days": days} if days is not None else {}
    patient = {"age_years": years} if years is not None else {}
    body = {"reference": "r", "history": history, "patient": patient}
    return open_case(FINDINGS, "clinic", "case", body, FIRST)


def after(days):
    return Moment(FIRST.on + timedelta(days), days)


def followed(case, days, **recorded):
    return follow_up(FINDINGS, case, {"contact": {}, **recorded}, after(days))


def lasted(case):
    return case.body.get("history", {}).get("duration_days")


def aged(case):
    return case.body.get("patient", {}).get("age_years")


def test_the_pain_has_lasted_longer_at_each_follow_up():
    second = followed(opened(80, 45), 30)
    assert lasted(second) == 110
    assert lasted(followed(second, 37)) == 117


def test_a_correction_on_the_same_day_leaves_the_duration_and_the_age():
    second = followed(opened(80, 45), 400)
    corrected = correct(FINDINGS, second, {"pain": {"pain_nrs_now": 6}}, after(400))
    assert (lasted(corrected), aged(corrected)) == (480, 46)


def test_a_correction_is_judged_by_its_day_and_takes_none_from_the_next_follow_up():
    corrected = correct(FINDINGS, opened(80, 45), {"pain": {"pain_nrs_now": 6}}, after(800))
    assert (lasted(corrected), aged(corrected)) == (880, 47)
    followed_up = follow_up(FINDINGS, corrected, {"contact": {}}, after(1000))
    assert (lasted(followed_up), aged(followed_up)) == (1080, 47)
    revised = correct(FINDINGS, opened(80, 45), {"history": {"duration_days": 70}}, after(800))
    assert lasted(revised) == 70


def test_a_correction_that_says_nothing_new_lets_no_time_pass():
    case = opened(80, 45)
    assert is_unchanged(correct(FINDINGS, case, {"reference": case.reference}, after(800)), case)


@pytest.mark.parametrize(("days", "age"), [(365, 45), (366, 46), (730, 46), (731, 47)])
def test_full_years_make_the_patient_older(days, age):
    assert aged(followed(opened(80, 45), days)) == age


def test_nobody_becomes_older_too_early():
    case = opened(80, 45)
    for days in range(30, 391, 30):
        case = followed(case, days)
    assert (lasted(case), aged(case)) == (470, 45)
    child = correct(FINDINGS, opened(80, 14), {"patient": {"age_years": 15}}, after(300))
    assert aged(followed(child, 366)) == 15


def test_what_a_follow_up_brings_itself_stands():
    recorded = {"history": {"duration_days": 7}, "patient": {"age_years": 50}}
    brought = followed(opened(80, 45), 400, findings=recorded)
    assert (lasted(brought), aged(brought)) == (7, 50)
    withdrawn = {"history": {"duration_days": None}, "patient": {"age_years": None}}
    unknown = followed(opened(80, 45), 400, findings=withdrawn)
    assert (lasted(unknown), aged(unknown)) == (None, None)


def test_what_nobody_recorded_does_not_begin_by_itself():
    silent = followed(opened(None, None), 400)
    assert (lasted(silent), aged(silent)) == (None, None)
    assert "history" not in silent.body


def test_a_pain_of_no_days_is_recorded_and_goes_on():
    assert lasted(followed(opened(0, 45), 30)) == 30


def test_nothing_grows_above_what_the_vocabulary_allows():
    limits = [VOCABULARY.fact(name).maximum for name in ("duration_days", "age_years")]
    assert limits == [MOST_DAYS, MOST_YEARS]
    oldest = followed(opened(MOST_DAYS - 1, MOST_YEARS), 800)
    assert [lasted(oldest), aged(oldest)] == limits


def test_a_clock_that_was_set_back_takes_nothing_away():
    corrected = correct(FINDINGS, opened(80, 45), {"pain": {"pain_nrs_now": 6}}, after(366))
    earlier = followed(corrected, 364)
    assert (lasted(earlier), aged(earlier)) == (lasted(corrected), aged(corrected)) == (446, 46)
