"""What the recorded care says: baseline, visits, needles, steroids."""

import pytest
from tests.unit.treatment.conftest import ON

from treatment.judge import load_guidance
from treatment.judge.history import derive, latest_treatment


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
    unknown = {"corticosteroid": None, "given_days_ago": None}
    assert derive({})["steroid_events"] == [unknown, unknown]


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


def test_pain_that_rose_since_the_needle_is_no_response_whatever_it_was_long_ago():
    contacts = [first(300, pain_nrs_now=9), visit(30, pain_nrs_now=3), visit(0, pain_nrs_now=6)]
    assert judged(contacts, treatments_given=[given(29)]) == ["FU-04"]
    contacts = [first(60, pain_nrs_now=8), visit(30, pain_nrs_now=6), visit(0, pain_nrs_now=5)]
    assert judged(contacts, treatments_given=[given(28)]) == ["FU-02"]


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


HELPED = {"nrs_before": 8, "nrs_after": 1, "performed_days_ago": 33}
GAINS = ("FU-02", "FU-03", "FU-04")


def judged(contacts, **lists):
    """Says which of the rules for the one-month visit holds, by the rules as they are written."""
    facts = {"contacts": contacts, **lists}
    prepared = {name: value for name, value in (facts | derive(facts)).items() if value is not None}
    evaluation = load_guidance().in_force(ON).evaluate(prepared)
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
        {"corticosteroid": None, "given_days_ago": 50},
    ]


def test_a_steroid_elsewhere_in_the_body_does_not_count_and_one_without_a_date_does():
    told = [{"site": "other", "performed_days_ago": 3}, {"site": "psis"}]
    found = derive({"steroid_injections": told})["steroid_events"]
    assert found == [{"corticosteroid": True, "given_days_ago": None}]


def test_the_newest_treatment_is_found_among_treatments_and_blocks():
    facts = {
        "treatments_given": [given(30), given(9, "laser")],
        "blocks": [{"performed_days_ago": 20}],
    }
    assert latest_treatment(facts)["modality"] == "laser"
    assert latest_treatment(facts, frozenset({"injection"})) == {"performed_days_ago": 20}


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


def test_recovered_is_judged_by_the_higher_of_now_and_average():
    contacts = [first(40, pain_nrs_now=8), visit(0, pain_nrs_now=8, pain_nrs_average=0)]
    assert derive({"contacts": contacts})["follow_up_nrs_highest"] == 8
    assert (
        derive({"contacts": [visit(0, pain_nrs_now=0, pain_nrs_worst=3)]})["follow_up_nrs_highest"]
        == 0
    )
    assert derive({"contacts": [visit(0, rmdq=2)]})["follow_up_nrs_highest"] is None
