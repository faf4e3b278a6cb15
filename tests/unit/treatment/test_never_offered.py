"""What no plan offers, however well everything else stands."""

import pytest
from tests.support.care import care_of

OPEN = {"offered", "optional_unproven"}
SILENT = {"id": "a", "likelihood": "INCIDENTAL", "fat_on_imaging": True}
DOUBTFUL = {"id": "b", "likelihood": "POSSIBLE", "fat_on_imaging": True}
TWO = {"nodules": [{"id": "a", "certainty": "definite"}, {"id": "b", "certainty": "doubtful"}]}
GAP = {"investigations": [{"result": "fascial_gap"}], "pain": {"disabling_pain": True}}


def offers(status, *changes):
    return {name for name, state in status(*changes).items() if state in OPEN}


def test_a_silent_nodule_is_not_treated_because_a_doubtful_one_may_hurt(status):
    assessed = {"likelihood": "POSSIBLE", "nodules": [SILENT, DOUBTFUL]}

    assert offers(status, TWO, assessed) == set()


def test_no_surgical_opinion_is_offered_for_a_silent_nodule(status):
    assert "surgery" in offers(status, GAP)
    assert "surgery" not in offers(status, GAP, {"likelihood": "INCIDENTAL", "nodules": [SILENT]})


@pytest.mark.parametrize("verdict", [True, None])
def test_a_block_that_may_have_been_negative_stops_the_needle(status, verdict):
    found = offers(status, {}, {"verdicts": {"BC-08": verdict}})

    assert found.isdisjoint({"injection", "dry_needling"})


def test_a_block_that_is_not_told_in_full_is_asked_for(planned):
    assessed = {"verdicts": {"NE-05": True}}
    assessed["verdicts"]["BC-08"] = None
    plan = planned({}, {**assessed})

    assert "blocks" in {item["fact"] for item in plan["missing_findings"]}


def test_needles_before_the_first_contact_count_towards_the_third(status):
    before = [
        {"modality": "injection", "performed_days_ago": 300},
        {"modality": "dry_needling", "performed_days_ago": 200},
    ]

    assert care_of({"previous_treatments": before})["needle_days_in_12_months"] == 2
    found = offers(status, {"previous_treatments": before})
    assert found.isdisjoint({"injection", "dry_needling"})


@pytest.mark.parametrize("days", [10, 30])
def test_who_is_worse_after_a_treatment_is_examined_the_same_day(planned, days):
    first = {"kind": "first", "happened_days_ago": days, "pain_nrs_average": 5, "rmdq": 9}
    visit = {"kind": "follow_up", "happened_days_ago": 0, "pain_nrs_average": 6, "rmdq": 9}
    given = {"modality": "injection", "performed_days_ago": days, "adverse_event": "none"}
    answers = {"worse_or_new_sign": False, "nodule_palpable": True}
    plan = planned({"treatments_given": [given], "contacts": [first, {**visit, **answers}]})

    assert plan["step"]["title"] == "Worse after treatment: examine again the same day"
    assert plan["outcome"] == "withheld"
    assert not [one for one in plan["modalities"] if one["status"] in OPEN]


def test_a_steroid_history_that_nobody_asked_for_is_no_clear_history(planned, status):
    found = status({"steroid_injections": None})
    assert found["injection"] == found["laser"] == found["shockwave"] == "withheld"

    injection = planned({"steroid_injections": None})["modalities"][0]
    asked = {one["rule"]: one for one in injection["contraindications"]}["CI-03"]
    assert asked["state"] == "unknown_ask"
    assert "steroid_injections" in asked["missing"]
    assert injection["corticosteroid"]["status"] == "withheld"
