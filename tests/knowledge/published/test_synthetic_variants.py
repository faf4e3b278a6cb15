"""Synthetic: published patients moved across a threshold by one value, for none sits on one."""

from copy import deepcopy

import pytest
from tests.knowledge.published.answers import answer
from tests.knowledge.published.expectations import Answer
from tests.knowledge.published.reader import DEFAULT_DAY, Body, published

RECORDS = {str(record): record for record in published()}


def body_of(name: str) -> Body:
    return deepcopy(RECORDS[name].body)


def judged(body: Body) -> Answer:
    return answer(body, DEFAULT_DAY)


@pytest.mark.parametrize(("size_mm", "locks"), [(49, False), (50, True), (51, True)])
def test_a_nodule_of_50_mm_locks_and_one_of_49_waits_for_ultrasound(size_mm, locks) -> None:
    body = body_of("BM-06 after the injection, completed")
    body["nodules"][0]["size_long_mm"] = size_mm
    found = judged(body)
    assert ("RF-11" in found.active) is locks
    assert found.assessment["likelihood"] == "POSSIBLE"
    assert "NE-03" in [one["rule"] for one in found.assessment["examinations"]]
    assert found.offered("needle") == set()


@pytest.mark.parametrize(
    ("before", "after", "result"),
    [(10, 7, "responder"), (7, 5, "partial"), (10, 9, "partial"), (10, 10, "non_responder")],
)
def test_a_fall_of_30_percent_and_2_points_makes_a_responder(before, after, result) -> None:
    body = body_of("BM-01 one month after the injection, completed")
    follow_up, first = body["contacts"]
    body["blocks"][0]["nrs_before"] = first["pain_nrs_now"] = before
    body["pain"]["pain_nrs_now"] = follow_up["pain_nrs_now"] = after
    assert judged(body).plan["outcome_of_care"]["result"] == result


@pytest.mark.parametrize(("onset", "active"), [(44, True), (45, False)])
def test_inflammatory_back_pain_begins_before_45(onset, active) -> None:
    body = body_of("MM-27 four criteria, completed")
    body["patient"]["age_years"] = 47
    body["history"]["age_at_onset_years"] = onset
    body["inflammatory"]["psoriasis"] = True  # the place of "began before 35" in the count
    assert ("RF-13" in judged(body).active) is active


@pytest.mark.parametrize(("after", "likelihood"), [(5, "CONFIRMED"), (6, "PROBABLE")])
def test_a_block_confirms_when_it_halves_the_pain(after, likelihood) -> None:
    body = body_of("BM-02 after the injection, completed")
    body["blocks"][0] |= {"nrs_before": 10, "nrs_after": after}
    assert judged(body).assessment["likelihood"] == likelihood


@pytest.mark.parametrize(("size_mm", "likelihood"), [(29, "PROBABLE"), (30, "POSSIBLE")])
def test_without_imaging_30_mm_hold_a_nodule_at_possible(size_mm, likelihood) -> None:
    body = body_of("BM-17 as far as it was read, completed")
    body["nodules"][0]["size_long_mm"] = size_mm
    assert judged(body).assessment["likelihood"] == likelihood
