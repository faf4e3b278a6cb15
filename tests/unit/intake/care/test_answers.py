"""Each answer is as old as the contact that asked for it."""

from datetime import date, timedelta

from intake.care import ages
from intake.case import Moment, correct, follow_up, open_case
from intake.schemas import FINDINGS


def moment(days):
    """So many days after the case was opened."""
    return Moment(date(2026, 10, 1) + timedelta(days=days), 1 + days)


def opened(body):
    return open_case(FINDINGS, "clinic", "case", {"reference": "r", **body}, moment(0))


def ages_of(case):
    facts = FINDINGS.outgoing(case.body, case.accepted.on, case.answered_earlier)
    return facts["care"].get("answered_days_ago", {})


SCREENED = {"red_flags": {"fever": False, "weight_loss": False}, "patient": {"age_years": 47}}


def test_an_answer_that_was_not_given_earlier_is_of_the_day():
    on = date(2026, 11, 22)
    assert ages(["fever", "power"], {"power": "2026-11-02"}, on) == {"fever": 0, "power": 20}


def test_what_does_not_age_has_no_age():
    assert ages_of(opened(SCREENED)) == {"fever": 0, "weight_loss": 0}


def test_a_contact_that_does_not_ask_again_leaves_an_answer_at_its_age():
    case = opened(SCREENED)
    asked = {"contact": {}, "findings": {"red_flags": {"fever": False}}}
    case = follow_up(FINDINGS, case, asked, moment(28))
    assert ages_of(case) == {"fever": 0, "weight_loss": 28}
    case = follow_up(FINDINGS, case, {"contact": {}}, moment(30))
    assert ages_of(case) == {"fever": 2, "weight_loss": 30}


def test_an_answer_has_the_date_of_the_contact_and_not_of_its_entry():
    asked = {
        "contact": {"happened_on": moment(20).on.isoformat()},
        "findings": {"red_flags": {"fever": True}},
    }
    case = follow_up(FINDINGS, opened(SCREENED), asked, moment(28))
    assert ages_of(case) == {"fever": 8, "weight_loss": 28}


def test_a_correction_is_of_its_own_day_and_ages_what_it_does_not_name():
    case = correct(FINDINGS, opened(SCREENED), {"red_flags": {"weight_loss": True}}, moment(5))
    assert ages_of(case) == {"fever": 5, "weight_loss": 0}
    case = correct(FINDINGS, case, {"red_flags": {"fever": None}}, moment(9))
    assert ages_of(case) == {"weight_loss": 4}


def test_a_list_ages_as_a_whole():
    case = opened({"nodules": [{"id": "a"}]})
    assert ages_of(follow_up(FINDINGS, case, {"contact": {}}, moment(7))) == {"nodules": 7}
