"""The record of care: contacts held against treatments."""

import pytest
from tests.support.care import care_of as derive


def given(ago, modality="injection", **more):
    return {"modality": modality, "performed_days_ago": ago, **more}


def first(ago, **scores):
    return {"kind": "first", "happened_days_ago": ago, **scores}


def visit(ago, **scores):
    return {"kind": "follow_up", "happened_days_ago": ago, **scores}


def test_the_baseline_is_the_earliest_score_before_the_treatment():
    contacts = [
        visit(60, pain_nrs_average=5),
        first(90, pain_nrs_average=9),
        visit(2, pain_nrs_average=1),
    ]
    for order in (contacts, contacts[::-1]):
        found = derive({"contacts": order, "treatments_given": [given(30)]})
        assert (found["baseline_nrs"], found["follow_up_nrs"]) == (9, 1)
        assert (found["nrs_just_before"], found["nrs_since"]) == (5, 1)
        assert found["days_from_treatment_to_contact"] == 28


@pytest.mark.parametrize(
    ("before", "after", "pair"),
    [
        ({"pain_nrs_average": 6, "pain_nrs_now": 9}, {"pain_nrs_average": 2}, (6, 2)),
        ({"pain_nrs_now": 9}, {"pain_nrs_average": 2, "pain_nrs_now": 3}, (9, 3)),
        ({"pain_nrs_worst": 9}, {"pain_nrs_worst": 3}, (9, 3)),
        ({"pain_nrs_worst": 9}, {"pain_nrs_now": 3}, (None, 3)),
        ({}, {}, (None, None)),
    ],
)
def test_scores_of_one_kind_are_compared(before, after, pair):
    facts = {"contacts": [first(40, **before), visit(2, **after)], "treatments_given": [given(30)]}
    found = derive(facts)
    assert (found["baseline_nrs"], found["follow_up_nrs"]) == pair


@pytest.mark.parametrize(
    ("contacts", "pair"),
    [
        ([first(30, pain_nrs_now=8), visit(30, pain_nrs_now=1), visit(0, pain_nrs_now=1)], (8, 1)),
        ([first(30, pain_nrs_now=4), visit(30, pain_nrs_now=9), visit(0, pain_nrs_now=6)], (4, 6)),
        ([visit(30, pain_nrs_now=4), visit(30, pain_nrs_now=9), visit(0, pain_nrs_now=6)], (4, 6)),
        ([first(31, pain_nrs_now=8), visit(0, pain_nrs_now=2), visit(0, pain_nrs_now=9)], (8, 9)),
        ([first(31, pain_nrs_now=8), visit(0, pain_nrs_now=9), visit(0, pain_nrs_now=10)], (8, 10)),
    ],
)
def test_of_two_scores_on_one_day_the_first_contact_is_before_and_more_pain_is_now(contacts, pair):
    for order in (contacts, contacts[::-1]):
        found = derive({"contacts": order, "treatments_given": [given(30)]})
        assert (found["baseline_nrs"], found["follow_up_nrs"]) == pair


@pytest.mark.parametrize(
    ("before", "that_day", "baseline"),
    [(8, 2, 8), (3, 8, 8), (9, None, 9), (None, 4, 4)],
)
def test_a_follow_up_on_the_day_of_the_needle_counts_where_it_tells_of_more_pain(
    before, that_day, baseline
):
    contacts = [
        first(90, pain_nrs_now=before),
        visit(30, pain_nrs_now=that_day),
        visit(0, pain_nrs_now=1),
    ]
    for order in (contacts, contacts[::-1]):
        found = derive({"contacts": order, "treatments_given": [given(30)]})
        assert found["nrs_just_before"] == baseline


def test_energy_and_hands_are_compared_apart_from_the_needle():
    contacts = [first(90, pain_nrs_now=8), visit(50, pain_nrs_now=6), visit(0, pain_nrs_now=7)]
    done = [given(60), given(40, "manual_therapy"), given(20, "surgery")]
    found = derive({"contacts": contacts, "treatments_given": done})
    assert (found["baseline_nrs"], found["days_from_treatment_to_contact"]) == (8, 20)
    assert (found["care_baseline_nrs"], found["days_from_care_to_contact"]) == (8, 40)
    assert found["care_follow_up_nrs"] == 7
    assert (found["care_nrs_just_before"], found["care_nrs_since"]) == (6, 7)
    assert derive({"contacts": contacts})["seen_after_care"] is False
    undated = derive({"contacts": contacts, "treatments_given": [{"modality": "laser"}]})
    assert undated["seen_after_care"] is None


def test_function_is_paired_too():
    contacts = [first(40, rmdq=12, odi=40), visit(2, rmdq=4, odi=22)]
    found = derive({"contacts": contacts, "blocks": [{"performed_days_ago": 30}]})
    assert (found["baseline_rmdq"], found["follow_up_rmdq"]) == (12, 4)
    assert (found["baseline_odi"], found["follow_up_odi"]) == (40, 22)


def test_a_visit_before_the_newest_needle_judges_nothing():
    contacts = [first(60, pain_nrs_now=8), visit(20, pain_nrs_now=8)]
    found = derive({"contacts": contacts, "treatments_given": [given(50), given(10)]})
    assert found["seen_after_treatment"] is False
    assert "days_from_treatment_to_contact" not in found


def test_conservative_care_is_not_judged_as_a_needle_is():
    contacts = [first(60, pain_nrs_now=8), visit(2, pain_nrs_now=8)]
    found = derive({"contacts": contacts, "treatments_given": [given(40, "exercise")]})
    assert found["seen_after_treatment"] is False
    assert found["any_treatment_given"] is True


@pytest.mark.parametrize(
    "facts",
    [
        {"contacts": [visit(2)], "treatments_given": [{"modality": "injection"}]},
        {"contacts": [{"kind": "follow_up"}], "treatments_given": [given(30)]},
    ],
)
def test_without_a_date_nobody_knows_whether_the_patient_was_seen_since(facts):
    assert derive(facts)["seen_after_treatment"] is None


def test_the_newest_follow_up_speaks_for_now():
    contacts = [
        visit(40, worse_or_new_sign=True, relief_faded=True),
        visit(3, nodule_palpable=True),
    ]
    found = derive({"contacts": contacts})
    assert found["follow_up_worse_or_new_sign"] is None
    assert found["relief_faded_recorded"] is False
    assert found["follow_up_nodule_palpable"] is True


def test_recovered_is_judged_by_the_higher_of_now_and_average():
    contacts = [first(40, pain_nrs_now=8), visit(0, pain_nrs_now=8, pain_nrs_average=0)]
    assert derive({"contacts": contacts})["follow_up_nrs_highest"] == 8
    assert (
        derive({"contacts": [visit(0, pain_nrs_now=0, pain_nrs_worst=3)]})["follow_up_nrs_highest"]
        == 0
    )
    assert derive({"contacts": [visit(0, rmdq=2)]})["follow_up_nrs_highest"] is None
