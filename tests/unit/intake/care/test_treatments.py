"""Treatments and blocks: the latest, needles, steroids, adverse events."""

import pytest
from tests.support.care import care_of as derive


def given(ago, modality="injection", **more):
    return {"modality": modality, "performed_days_ago": ago, **more}


def first(ago, **scores):
    return {"kind": "first", "happened_days_ago": ago, **scores}


def visit(ago, **scores):
    return {"kind": "follow_up", "happened_days_ago": ago, **scores}


def test_nothing_recorded_is_nothing_done_and_nobody_seen():
    found = derive({})
    assert found["any_treatment_given"] is False
    assert found["seen_after_treatment"] is False
    assert found["followed_up"] is False
    assert found["follow_up_worse_or_new_sign"] is False
    assert found["needle_days_in_12_months"] == 0
    assert derive({"steroid_injections": []})["steroid_events"] == []


def test_earlier_steroids_that_nobody_asked_for_may_be_two():
    unknown = {}
    assert derive({})["steroid_events"] == [unknown, unknown]


def test_sessions_and_steroid_injections_are_needles_too():
    near = [{"performed_days_ago": ago, "site": "psis"} for ago in (10, 20)]
    assert derive({"steroid_injections": near})["needle_days_in_12_months"] == 2
    elsewhere = [one | {"site": "other"} for one in near]
    assert derive({"steroid_injections": elsewhere})["needle_days_in_12_months"] == 0
    both = {"steroid_injections": near, "treatments_given": [given(10), given(20)]}
    assert derive(both)["needle_days_in_12_months"] == 2
    earlier = {"modality": "dry_needling", "sessions": 3, "performed_days_ago": 60}
    assert derive({"previous_treatments": [earlier]})["needle_days_in_12_months"] == 3
    undated = {"modality": "injection", "sessions": 3}
    assert derive({"previous_treatments": [undated]})["needle_days_in_12_months"] is None


def test_each_session_of_an_injection_is_a_steroid_event():
    done = given(10, sessions=2, with_corticosteroid=True)
    found = derive({"steroid_injections": [], "treatments_given": [done]})["steroid_events"]
    assert found == [{"corticosteroid": True, "given_days_ago": 10}] * 2


def test_a_corticosteroid_counts_under_whatever_name_it_was_given():
    asked = {"steroid_injections": []}
    needled = given(33, "dry_needling", with_corticosteroid=True)
    found = derive(asked | {"treatments_given": [needled, given(10, "dry_needling")]})
    assert found["steroid_events"] == [{"corticosteroid": True, "given_days_ago": 33}]


@pytest.mark.parametrize(
    ("ages", "days"),
    [([], 0), ([10], 1), ([10, 10], 1), ([10, 365], 2), ([10, 366], 1), ([10, None], None),
     ([1, 2, None], 2)],
)  # fmt: skip
def test_needles_count_by_the_day_within_a_year(ages, days):
    treatments = [{"modality": "injection", "performed_days_ago": age} for age in ages]
    assert derive({"treatments_given": treatments})["needle_days_in_12_months"] == days


def test_blocks_count_as_needles_and_laser_does_not():
    facts = {"treatments_given": [given(5, "laser")], "blocks": [{"performed_days_ago": 9}]}
    assert derive(facts)["needle_days_in_12_months"] == 1


def test_one_steroid_told_twice_is_one():
    facts = {
        "steroid_injections": [{"performed_days_ago": 30}, {"performed_days_ago": 99}],
        "treatments_given": [given(30), given(40, with_corticosteroid=False), given(50)],
    }
    found = derive(facts)["steroid_events"]
    assert found == [
        {"corticosteroid": True, "given_days_ago": 30},
        {"corticosteroid": True, "given_days_ago": 99},
        {"corticosteroid": False, "given_days_ago": 40},
        {"given_days_ago": 50},
    ]


def test_a_steroid_elsewhere_in_the_body_does_not_count_and_one_without_a_date_does():
    listed = [{"site": "other", "performed_days_ago": 3}, {"site": "psis"}]
    found = derive({"steroid_injections": listed})["steroid_events"]
    assert found == [{"corticosteroid": True}]


def test_the_newest_treatment_is_found_among_treatments_and_blocks():
    facts = {
        "treatments_given": [given(30), given(9, "laser")],
        "blocks": [{"performed_days_ago": 20}],
    }
    found = derive(facts)
    assert (found["latest_treatment"], found["latest_treatment_days_ago"]) == ("laser", 9)
    assert derive({"blocks": facts["blocks"]})["latest_treatment"] == "block"
    assert derive({"treatments_given": [given(30), {}]})["latest_treatment"] == "not_stated"


def event(ago, kind="infection_sign"):
    return given(ago, adverse_event=kind)


@pytest.mark.parametrize(
    ("treatments", "contacts", "still"),
    [
        ([event(40)], [], 1),
        ([event(40)], [visit(10, adverse_event_resolved=True)], 0),
        ([event(40)], [visit(39, adverse_event_resolved=True)], 0),
        ([event(40)], [visit(40, adverse_event_resolved=True)], 1),  # of an earlier one
        ([event(40)], [visit(41, adverse_event_resolved=True)], 1),
        ([event(40), event(5)], [visit(10, adverse_event_resolved=True)], 1),
        ([event(40)], [visit(10, adverse_event_resolved=False)], 1),
        ([event(40)], [visit(10, adverse_event_resolved=True), visit(2)], 0),
        (
            [event(40)],
            [visit(10, adverse_event_resolved=True), visit(2, adverse_event_resolved=False)],
            1,
        ),
        (
            [event(40)],
            [visit(2, adverse_event_resolved=True), visit(2, adverse_event_resolved=False)],
            1,
        ),
        ([event(40)], [{"adverse_event_resolved": True}], 1),  # nobody knows whether it is later
        ([event(None)], [visit(10, adverse_event_resolved=True)], 1),
        ([event(40, "none")], [], 0),
        ([event(40) | {"modality": "nsaid"}, event(40) | {"modality": "exercise"}], [], 0),
        ([event(40) | {"modality": "laser"}, {"adverse_event": "other"}], [], 2),
        ([given(40)], [], 0),
    ],
)
def test_an_adverse_event_is_open_until_a_later_contact_calls_it_resolved(
    treatments, contacts, still
):
    for order in (contacts, contacts[::-1]):
        found = derive({"treatments_given": treatments, "contacts": order})
        assert len(found["open_adverse_events"]) == still
