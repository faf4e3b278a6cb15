"""What the rules for the visit after a treatment make of the record of care."""

import pytest
from tests.support.care import with_flat_care
from tests.unit.treatment.conftest import ON

from rules import in_force
from treatment.judge import load_guidance


def given(ago, modality="injection", **more):
    return {"modality": modality, "performed_days_ago": ago, **more}


def first(ago, **scores):
    return {"kind": "first", "happened_days_ago": ago, **scores}


def visit(ago, **scores):
    return {"kind": "follow_up", "happened_days_ago": ago, **scores}


def test_pain_that_rose_since_the_needle_is_no_response_whatever_it_was_long_ago():
    contacts = [first(300, pain_nrs_now=9), visit(30, pain_nrs_now=3), visit(0, pain_nrs_now=6)]
    assert judged(contacts, treatments_given=[given(29)]) == ["FU-04"]
    contacts = [first(60, pain_nrs_now=8), visit(30, pain_nrs_now=6), visit(0, pain_nrs_now=5)]
    assert judged(contacts, treatments_given=[given(28)]) == ["FU-02"]


HELPED = {"nrs_before": 8, "nrs_after": 1, "performed_days_ago": 33}
GUIDANCE = in_force(load_guidance(), ON)
GAINS = ("FU-02", "FU-03", "FU-04")


def judged(contacts, **lists):
    """Says which of the rules for the one-month visit holds, by the rules as they are written."""
    prepared = with_flat_care({"contacts": contacts, **lists})
    evaluation = GUIDANCE.evaluate(prepared)
    return [rule for rule in GAINS if evaluation.verdict(rule)]


@pytest.mark.parametrize(
    ("done", "between", "now", "rule"),
    [
        (given(100), {"pain_nrs_now": 5}, 8, "FU-03"),  # 3 of 8 points
        (given(100), {"pain_nrs_now": 6}, 8, "FU-04"),  # a quarter
        (given(100), {"pain_nrs_now": 1}, 5, "FU-02"),  # it still helps
        (given(100), {}, 8, "FU-04"),
        (given(100, effect=7, effect_duration_days=60), {}, 8, "FU-03"),
        (given(100, effect=0, effect_duration_days=60), {}, 8, "FU-04"),
        (given(100, effect=7, effect_duration_days=100), {}, 8, "FU-04"),  # it has not ended
        (given(100, effect=7, effect_duration_days=60), {}, 1, "FU-02"),
        (given(100, effect=7, effect_duration_days=6), {}, 8, "FU-04"),  # the anaesthetic's
        (HELPED | {"relief_duration_hours": 168}, {}, 8, "FU-03"),
        (HELPED | {"relief_duration_hours": 167}, {}, 8, "FU-04"),
        (HELPED | {"relief_duration_hours": 33 * 24}, {}, 8, "FU-04"),
        (HELPED | {"relief_duration_hours": 168, "nrs_after": 5}, {}, 8, "FU-04"),
        (HELPED, {}, 8, "FU-04"),
    ],
)
def test_relief_that_ended_before_the_visit_has_faded(done, between, now, rule):
    contacts = [first(120, pain_nrs_now=8), visit(30, **between), visit(0, pain_nrs_now=now)]
    lists = {"blocks": [done]} if "nrs_before" in done else {"treatments_given": [done]}
    assert judged(contacts, **lists) == [rule]


def test_relief_of_the_first_days_is_the_anaesthetic_s_and_a_denial_stands():
    now = visit(0, pain_nrs_now=8)
    early = [first(120, pain_nrs_now=8), visit(99, pain_nrs_now=1), now]
    assert judged(early, treatments_given=[given(100)]) == ["FU-04"]
    helped = [first(120, pain_nrs_now=8), visit(60, pain_nrs_now=1)]
    assert judged([*helped, now], treatments_given=[given(100)]) == ["FU-03"]
    denied = now | {"relief_faded": False}
    assert judged([*helped, denied], treatments_given=[given(100)]) == ["FU-04"]


def test_of_one_day_the_treatment_is_judged_and_not_the_block():
    block = HELPED | {"relief_duration_hours": 300}
    contacts = [first(40, pain_nrs_now=8), visit(0, pain_nrs_now=8)]
    for more in ({}, {"adverse_event": "none"}, {"effect": 3}):
        done = {"blocks": [block], "treatments_given": [given(33, **more)]}
        assert judged(contacts, **done) == ["FU-04"]
    assert judged(contacts, blocks=[block]) == ["FU-03"]


@pytest.mark.parametrize("modality", ["laser", "tecar", "shockwave", "manual_therapy"])
def test_a_course_is_held_against_its_beginning_and_a_rise_against_the_last_score(modality):
    sessions = [given(ago, modality) for ago in (60, 50, 40)]
    contacts = [
        first(61, pain_nrs_now=8),
        visit(51, pain_nrs_now=6),
        visit(41, pain_nrs_now=4),
        visit(0, pain_nrs_now=4),
    ]
    assert judged(contacts, treatments_given=sessions) == ["FU-02"]
    rose = [*contacts[:-1], visit(0, pain_nrs_now=5)]
    assert judged(rose, treatments_given=sessions) == []
