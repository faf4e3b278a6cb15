"""The order of conclusions: what comes first hides what comes after it."""

import pytest

INJECTED = {"modality": "injection", "performed_days_ago": 40, "adverse_event": "none"}
FIRST = {"kind": "first", "happened_days_ago": 45, "pain_nrs_average": 8, "rmdq": 14}
LOCK = {
    "red_flags": {
        "locked": True,
        "locks": ["RF-01", "RF-11"],
        "headline": {"rule": "RF-01", "title": "Cauda equina", "urgency": "emergency"},
    }
}
HOLD = {"red_flags": {"hold": True, "holds": ["RF-05"]}}
OPEN = {"red_flags": {"screen": {"complete": False}}}


def visit(nrs, **more):
    seen = {"kind": "follow_up", "happened_days_ago": 10, "worse_or_new_sign": False}
    return {**seen, "pain_nrs_average": nrs, "nodule_palpable": False, "rmdq": 9, **more}


def month_after(nrs, **more):
    return {"treatments_given": [INJECTED], "contacts": [FIRST, visit(nrs, **more)]}


@pytest.mark.parametrize(
    ("changes", "assessed", "code", "outcome"),
    [
        ({}, LOCK, "referral", "withheld"),
        ({}, HOLD, "work_up_first", "withheld"),
        ({}, OPEN, "self_care", "withheld"),
        (month_after(2, worse_or_new_sign=True), {}, "work_up_first", "withheld"),
        ({"examination": {"skin_findings": {"infection": True}}}, {}, "work_up_first", "withheld"),
        ({}, {"likelihood": "INCIDENTAL"}, "self_care", "recommended"),
        ({}, {"likelihood": "UNLIKELY"}, "self_care", "recommended"),
        ({}, {"verdicts": {"BC-05": True}}, "work_up_first", "recommended"),
        ({}, {"competing": True}, "work_up_first", "recommended"),
        ({}, {"verdicts": {"NE-03": True}}, "work_up_first", "recommended"),
        ({"pain": {"disabling_pain": True}, "investigations": [{"result": "fascial_gap"}]}, {},
         "surgical_opinion", "recommended"),
        (month_after(8), {}, "work_up_first", "recommended"),
        (month_after(0, rmdq=1), {}, "self_care", "recommended"),
        (month_after(0, nodule_palpable=True), {}, "self_care", "recommended"),
        (month_after(3), {}, "self_care", "recommended"),
        (month_after(0, rmdq=1), {"likelihood": "UNLIKELY"}, "self_care", "recommended"),
        (month_after(7, nodule_palpable=True), {}, "repeat_once", "recommended"),
        (month_after(7), {}, "conservative", "recommended"),  # the nodule is no longer felt
        ({"treatments_given": [INJECTED]}, {}, "conservative", "recommended"),
        ({}, {}, "injection", "recommended"),
        ({"comorbidity": {"diabetes": None}}, {}, "work_up_first", "recommended"),
        ({"comorbidity": {"needle_phobia": True}}, {}, "conservative", "recommended"),
        ({"decisions": {"consent": {"injection": False}}}, {}, "conservative", "recommended"),
        ({"decisions": {"prefers_conservative": True}}, {}, "conservative", "recommended"),
        ({"pain": {"pain_nrs_now": 3, "pain_nrs_average": 3}}, {}, "conservative", "recommended"),
        ({}, {"likelihood": "POSSIBLE"}, "work_up_first", "recommended"),
        ({}, {"likelihood": "POSSIBLE", "verdicts": {"NE-05": False}}, "optional_unproven",
         "recommended"),
        ({"nodules": [], "decisions": {"requested_modalities": None}},
         {"likelihood": "POSSIBLE", "nodules": []}, "self_care", "recommended"),
        ({}, {"likelihood": "POSSIBLE", "verdicts": {"NE-05": False},
              "differentials": [{"rule": "DD-01", "state": "listed"}]}, "referral", "recommended"),
    ],
)  # fmt: skip
def test_the_step_is_that_of_the_first_line_that_holds(planned, changes, assessed, code, outcome):
    plan = planned(changes, assessed)
    assert (plan["step"]["code"], plan["outcome"]) == (code, outcome)
    assert plan["step"]["because"]


def test_a_lock_beats_everything_and_leaves_nothing_but_the_referral(planned):
    plan = planned(month_after(8), {**LOCK, "likelihood": "INCIDENTAL"})
    assert plan["referral"]["rules"] == ["RF-01", "RF-11"]
    assert plan["referral"]["how_fast"] == "Emergency: now, within hours"
    silent = ("self_care", "follow_up", "if_it_fails", "safety_net", "missing_findings")
    assert [plan[name] for name in silent] == [[]] * 5
    assert plan["outcome_of_care"] is None
    assert plan["diagnostic_block"]["status"] == "withheld"


def test_an_urgent_lump_is_told_its_own_delay(planned):
    flag = {"rule": "RF-11", "title": "Suspicious lump", "urgency": "urgent"}
    plan = planned({}, {"red_flags": {"locked": True, "headline": flag}})
    assert plan["referral"]["how_fast"] == "Urgent: ultrasound within 2 weeks"
    assert plan["referral"]["rules"] == ["RF-11"]


def test_a_lock_of_an_unknown_rule_still_sends_the_patient_somewhere(planned):
    flag = {"rule": "RF-99", "title": "New", "urgency": "odd", "action": "Ask a specialist."}
    plan = planned({}, {"red_flags": {"locked": True, "headline": flag}})
    assert plan["referral"]["to"] == "Ask a specialist."
    assert plan["referral"]["how_fast"] == "Urgent: within days"


def test_a_hold_blocks_every_treatment_and_leaves_self_care(planned, status):
    assert set(status({}, HOLD).values()) == {"blocked"}
    plan = planned({}, HOLD)
    assert plan["self_care"]
    assert plan["modalities"][0]["because"][0]["flags"] == ["RF-05"]


def test_a_red_flag_may_withhold_only_some_kinds_of_treatment(status):
    found = status({}, {"red_flags": {"withheld": {"energy": ["RF-05"], "manual": ["RF-05"]}}})
    assert found["injection"] == "offered"
    assert {found[name] for name in ("laser", "tecar", "shockwave", "manual_therapy")} == {
        "withheld"
    }


def test_an_assessment_that_says_nothing_of_kinds_withholds(status):
    found = status({}, {"red_flags": {"withheld": None}})
    assert "offered" not in found.values()


def test_a_partial_response_whose_repeat_is_not_released_waits(planned):
    changes = {**month_after(7, nodule_palpable=True), "comorbidity": {"diabetes": None}}
    plan = planned(changes)
    assert plan["step"]["code"] == "repeat_once"
    assert plan["step"]["title"].endswith("a repeat waits for the open questions")


@pytest.mark.parametrize(
    ("nrs", "more", "result"),
    [(3, {}, "responder"), (7, {}, "partial"), (8, {}, "non_responder"), (9, {}, "worse"),
     (3, {"relief_faded": True}, "partial"), (None, {}, "unknown")],
)  # fmt: skip
def test_the_last_needle_is_judged_at_one_month(planned, nrs, more, result):
    care = planned(month_after(nrs, **more))["outcome_of_care"]
    assert care["result"] == result


def test_a_visit_before_day_21_judges_nothing(planned):
    early = {"modality": "injection", "performed_days_ago": 30, "adverse_event": "none"}
    seen = {"treatments_given": [early], "contacts": [FIRST, visit(8)]}
    assert planned(seen)["outcome_of_care"] is None


def test_recovery_is_told_beside_the_response(planned):
    care = planned(month_after(0, rmdq=1, nodule_palpable=True))["outcome_of_care"]
    assert [item["rule"] for item in care["also"]] == ["FU-07", "FU-08"]


def test_only_what_is_new_since_the_last_revision_calls_for_a_review(planned):
    weak = {"red_flags": {"leg_weakness": "one"}}
    assert planned(weak)["verdicts"]["FU-06"] is False
    assert planned(weak, previous={})["verdicts"]["FU-06"] is True
    before = {"red_flags": {"leg_weakness": "one", "fever": False}}
    assert planned(weak, previous=before)["verdicts"]["FU-06"] is not True


def test_a_suspicious_lump_that_may_be_a_hernia_is_not_sent_to_ultrasound(planned):
    flag = {"rule": "RF-11", "title": "Suspicious lump", "urgency": "urgent"}
    locks = {"locked": True, "headline": flag, "locks": ["RF-11", "RF-12"]}
    referral = planned({}, {"red_flags": locks})["referral"]
    assert referral["to"].startswith("CT or MRI of the lump rather than ultrasound")
    assert referral["how_fast"] == "Urgent: within 2 weeks"
    assert referral["also"] == []


def test_every_locking_flag_says_where_it_sends_the_patient(planned):
    flag = {"rule": "RF-16", "title": "Under 16", "urgency": "emergency"}
    locks = {"locked": True, "headline": flag, "locks": ["RF-16", "RF-01"]}
    referral = planned({}, {"red_flags": locks})["referral"]
    assert referral["to"] == "Paediatric assessment"
    assert [one["rule"] for one in referral["also"]] == ["RF-01"]
