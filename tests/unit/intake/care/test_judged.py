"""The latest treatment as the latest follow-up judges it, and the body mass index."""

from typing import Any

import pytest
from tests.support.care import care_of


def test_the_body_mass_index_is_weight_by_height_squared() -> None:
    assert care_of({"height_cm": 160, "weight_kg": 64})["body_mass_index"] == 25.0
    assert "body_mass_index" not in care_of({"height_cm": 160})


def contact(days: int, kind: str = "follow_up", **scores: Any) -> dict[str, Any]:
    return {"happened_days_ago": days, "kind": kind, **scores}


INJECTED = {"modality": "injection", "nodule_id": "a", "performed_days_ago": 30}
FIRST = contact(40, "first", pain_nrs_now=7)


def judged(**facts: Any) -> Any:
    known = {"treatments_given": [INJECTED], "contacts": [FIRST, contact(0, pain_nrs_now=2)]}
    return care_of(known | facts).get("judged_treatments")


def test_a_treatment_is_judged_by_the_earliest_and_the_latest_score() -> None:
    assert judged() == [{"days_after": 30, "nrs_before": 7, "nrs_at_visit": 2, "nodule_id": "a"}]


def test_the_treatment_day_counts_as_before() -> None:
    assert judged(contacts=[contact(30, "first", pain_nrs_now=6), contact(0, pain_nrs_now=2)])


def test_the_average_goes_before_the_present_score_where_both_have_it() -> None:
    contacts = [
        contact(40, "first", pain_nrs_now=7, pain_nrs_average=5),
        contact(0, pain_nrs_now=2, pain_nrs_average=4, relief_faded=True),
    ]
    [found] = judged(contacts=contacts)
    assert (found["nrs_before"], found["nrs_at_visit"], found["relief_faded"]) == (5, 4, True)


@pytest.mark.parametrize(
    "facts",
    [
        {"treatments_given": [INJECTED | {"performed_days_ago": 20}], "contacts": [FIRST]},
        {"contacts": [FIRST, contact(35, pain_nrs_now=7)]},
        {"treatments_given": [INJECTED | {"modality": "exercise"}]},
        {"treatments_given": [{"modality": "injection"}]},
        {"treatments_given": []},
        {"contacts": [FIRST]},
        {"contacts": [contact(0, pain_nrs_now=2)]},
        {"contacts": [FIRST, contact(0, pain_nrs_worst=2)]},
        {"contacts": [contact(25, "first", pain_nrs_now=7), contact(0, pain_nrs_now=2)]},
    ],
    ids=[
        "nobody has looked",
        "seen before it only",
        "not a needle",
        "no date",
        "nothing done",
        "no follow-up",
        "no first score",
        "no common score",
        "no score before",
    ],
)
def test_nothing_is_judged_without_a_treatment_and_both_scores(facts: dict[str, Any]) -> None:
    assert not judged(**facts)


@pytest.mark.parametrize(
    ("contacts", "pair"),
    [
        ([contact(30, "first", pain_nrs_now=8), contact(30, pain_nrs_now=1)], (8, 2)),
        ([contact(30, pain_nrs_now=4), contact(30, pain_nrs_now=9)], (4, 2)),
        ([contact(40, "first"), contact(35, pain_nrs_now=7)], (7, 2)),
        ([FIRST, contact(0, pain_nrs_now=9)], (7, 9)),
    ],
)
def test_of_two_scores_on_one_day_the_first_contact_is_before_and_more_pain_is_now(
    contacts: list[Any], pair: tuple[int, int]
) -> None:
    contacts = [*contacts, contact(0, pain_nrs_now=2)]
    for order in (contacts, contacts[::-1]):
        [found] = judged(contacts=order)
        assert (found["nrs_before"], found["nrs_at_visit"]) == pair


def test_the_latest_of_treatments_and_blocks_is_judged() -> None:
    block = {"nodule_id": "b", "performed_days_ago": 25}
    nodules = [{"id": "a"}, {"id": "b"}]
    assert judged(blocks=[block], nodules=nodules)[0]["nodule_id"] == "b"
