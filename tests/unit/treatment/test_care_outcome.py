"""When to look again, and what could still change."""

import pytest
from tests.unit.treatment.conftest import GUIDANCE

from treatment.write import as_bytes


def days(plan):
    return [(one["when_days"], one["on"]) for one in plan["follow_up"]]


def test_after_an_offer_the_contacts_count_from_today(planned):
    assert days(planned()) == [
        (14, "2026-12-06"),
        (28, "2026-12-20"),
        (90, "2027-02-20"),
        (180, "2027-05-21"),
    ]


def test_after_a_needle_only_the_contacts_to_come_are_listed(planned):
    done = [{"modality": "injection", "performed_days_ago": 20}]
    assert days(planned({"treatments_given": done})) == [
        (28, "2026-11-30"),
        (90, "2027-01-31"),
        (180, "2027-05-01"),
    ]


def test_a_contact_that_is_due_today_is_still_listed(planned):
    done = [{"modality": "injection", "performed_days_ago": 28}]
    assert days(planned({"treatments_given": done}))[0] == (28, "2026-11-22")


def test_hands_that_helped_end_the_road_and_hands_that_harmed_stop_it(planned):
    def after(now):
        first = {"kind": "first", "happened_days_ago": 40, "pain_nrs_now": 7}
        seen = {"kind": "follow_up", "happened_days_ago": 0, "pain_nrs_now": now}
        done = [{"modality": "manual_therapy", "performed_days_ago": 30}]
        pain = {"pain_nrs_now": now, "pain_nrs_average": now}
        care = {"treatments_given": done, "contacts": [first, seen], "pain": pain}
        return planned(care | {"history": {"gain_after_care": None}})

    helped, harmed = after(2), after(8)
    assert helped["step"]["code"] == "self_care"
    assert helped["outcome_of_care"]["result"] == "responder"
    assert helped["outcome_of_care"]["sentence"].endswith("Pain 7 before, 2 after 30 days.")
    assert (harmed["step"]["code"], harmed["outcome"]) == ("work_up_first", "withheld")
    assert after(6)["outcome_of_care"] is None


def test_a_rise_since_the_needle_is_told_with_the_score_just_before_it(planned):
    scores = ((300, "first", 9), (30, "follow_up", 3), (0, "follow_up", 6))
    keys = ("happened_days_ago", "kind", "pain_nrs_now")
    contacts = [dict(zip(keys, one, strict=True)) for one in scores]
    done = [{"modality": "injection", "performed_days_ago": 29}]
    plan = planned({"treatments_given": done, "contacts": contacts})
    assert plan["step"]["title"] == "Worse after treatment: examine again the same day"
    outcome = plan["outcome_of_care"]
    assert outcome["result"] == "worse"
    sentence = "Pain 9 before, 3 just before the treatment, 6 after 29 days."
    assert outcome["sentence"].endswith(sentence)


def test_after_hands_or_energy_there_is_no_sixth_month(planned):
    done = [{"modality": "manual_therapy", "performed_days_ago": 0}]
    assert [day for day, _ in days(planned({"treatments_given": done}))] == [14, 28, 90]


def test_after_a_block_there_is_a_sixth_month(planned):
    done = {"blocks": [{"performed_days_ago": 0, "nrs_before": 6, "nrs_after": 1}]}
    assert [day for day, _ in days(planned(done))] == [14, 28, 90, 180]


def test_conservative_care_is_reviewed_after_four_weeks(planned):
    plan = planned({}, {"red_flags": {"screen": {"complete": False}}})
    assert days(plan) == [(28, "2026-12-20")]


@pytest.mark.parametrize(
    ("changes", "fact", "conclusion", "to"),
    [
        ({"comorbidity": {"diabetes": None}}, "diabetes", "modality:injection", "offered"),
        ({"comorbidity": {"epilepsy": None}}, "epilepsy", "modality:laser", "blocked"),
        ({"history": {"gain_after_care": None}}, "gain_after_care", "step", "injection"),
        ({"decisions": {"consent": {"tecar": None}}}, "consent.tecar", "modality:tecar",
         "optional_unproven"),
        ({"pain": {"pain_nrs_now": None, "pain_nrs_average": None}}, "pain_nrs_now", "step",
         "injection"),
        ({"red_flags": {"fever": None}}, "fever", "diagnostic_block", "released"),
    ],
)  # fmt: skip
def test_what_a_missing_finding_could_change_is_computed(planned, changes, fact, conclusion, to):
    findings = {one["fact"]: one for one in planned(changes)["missing_findings"]}
    changed = {(one["conclusion"], one["to"]) for one in findings[fact]["could_change"]}
    assert (conclusion, to) in changed
    assert findings[fact]["together"] is False


def test_what_changes_nothing_alone_may_matter_together(planned):
    plan = planned({"comorbidity": {"diabetes": None, "anticoagulant": None}})
    findings = {one["fact"]: one for one in plan["missing_findings"]}
    alone = findings["diabetes"]["could_change"]
    assert "modality:injection" not in {one["conclusion"] for one in alone}


def test_a_temperature_is_not_asked_for_once_fever_is_answered(planned):
    named = {one["fact"] for one in planned()["missing_findings"]}
    assert "max_temp_c" not in named
    unasked = planned({"red_flags": {"fever": None}})
    assert "max_temp_c" in {one["fact"] for one in unasked["missing_findings"]}


def test_a_case_with_everything_answered_misses_nothing(planned):
    assert planned()["missing_findings"] == []


def test_the_same_arguments_give_the_same_bytes(planned):
    assert as_bytes(planned()) == as_bytes(planned())
    assert planned()["guidance"]["sha256"] == GUIDANCE.digest
