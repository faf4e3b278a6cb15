"""What the record implies before the rules read it."""

from datetime import date
from typing import Any

import pytest

from diagnosis.judge import load_ruleset
from diagnosis.judge.preparing import prepare

RULES = load_ruleset().in_force(date(2026, 11, 22)).compiled


def test_nothing_is_made_of_nothing() -> None:
    assert prepare({}) == {}
    assert prepare({"age_years": None}) == {}


def test_the_facts_that_came_in_are_not_changed() -> None:
    facts = {"nodule_present": "definite", "nodules": [{"id": "a", "site": None}]}
    prepare(facts)
    assert facts == {"nodule_present": "definite", "nodules": [{"id": "a", "site": None}]}


def test_no_nodule_found_is_an_empty_list() -> None:
    assert prepare({"nodule_present": "none"})["nodules"] == []
    assert prepare({"nodules": []})["nodule_present"] == "none"


def test_a_nodule_that_is_only_said_to_exist_is_one_element_without_findings() -> None:
    prepared = prepare({"nodule_present": "doubtful"})
    assert prepared["nodules"] == [{"id": "unlisted", "certainty": "doubtful"}]


def test_elements_take_their_certainty_from_the_case_and_keep_their_own() -> None:
    nodules = [{"id": "a"}, {"id": "b", "certainty": "doubtful"}]
    prepared = prepare({"nodule_present": "definite", "nodules": nodules})
    assert [nodule["certainty"] for nodule in prepared["nodules"]] == ["definite", "doubtful"]


@pytest.mark.parametrize(
    ("certainties", "present"),
    [
        (["doubtful", "definite"], "definite"),
        (["doubtful", "doubtful"], "doubtful"),
        (["doubtful", None], None),
        ([None], None),
    ],
)
def test_the_case_says_what_its_list_says(certainties: list[Any], present: str | None) -> None:
    nodules = [{"id": str(at), "certainty": word} for at, word in enumerate(certainties)]
    assert prepare({"nodules": nodules}).get("nodule_present") == present


def test_an_element_without_an_id_gets_one() -> None:
    assert prepare({"nodules": [{}]})["nodules"] == [{"id": "nodule-1"}]


def test_a_site_that_was_not_stated_is_unknown() -> None:
    unstated = "lumbar_site_not_stated"
    prepared = prepare(
        {
            "point_site": unstated,
            "nodules": [{"id": "a", "site": unstated}],
            "blocks": [{"site": unstated}],
        }
    )
    assert "point_site" not in prepared
    assert prepared["nodules"] == [{"id": "a"}]
    assert prepared["blocks"] == [{}]


def test_an_image_of_the_nodule_belongs_to_the_only_one() -> None:
    image = {"region": "nodule", "result": "fat_nodule"}
    prepared = prepare({"nodules": [{"id": "a"}], "investigations": [image]})
    assert prepared["investigations"] == [image | {"nodule_id": "a"}]


@pytest.mark.parametrize(
    "facts",
    [
        {"nodules": [{"id": "a"}, {"id": "b"}]},
        {"nodules": [{"id": "a"}], "nodule_count": 2},
        {},
    ],
)
def test_an_image_of_one_of_several_nodules_belongs_to_none(facts: dict[str, Any]) -> None:
    image = {"region": "nodule", "result": "fat_nodule"}
    assert prepare(facts | {"investigations": [image]})["investigations"] == [image]


def test_a_link_to_a_nodule_that_is_not_there_counts_as_missing() -> None:
    prepared = prepare(
        {
            "nodules": [{"id": "a"}, {"id": "b"}],
            "investigations": [{"nodule_id": "z", "result": "non_fat"}],
            "blocks": [{"nodule_id": "z", "nrs_before": 5}],
        }
    )
    assert prepared["investigations"] == [{"result": "non_fat"}]
    assert prepared["blocks"] == [{"nrs_before": 5}]


def test_the_body_mass_index_is_weight_by_height_squared() -> None:
    assert prepare({"height_cm": 160, "weight_kg": 64})["body_mass_index"] == 25.0
    assert "body_mass_index" not in prepare({"height_cm": 160})


def contact(days: int, kind: str = "follow_up", **scores: Any) -> dict[str, Any]:
    return {"happened_days_ago": days, "kind": kind, **scores}


INJECTED = {"modality": "injection", "nodule_id": "a", "performed_days_ago": 30}
FIRST = contact(40, "first", pain_nrs_now=7)


def judged(**facts: Any) -> Any:
    known = {"treatments_given": [INJECTED], "contacts": [FIRST, contact(0, pain_nrs_now=2)]}
    return prepare(known | facts).get("judged_treatments")


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


HELPED = {"nodule_id": "a", "nrs_before": 8, "nrs_after": 1, "performed_days_ago": 30}


def lowered(contacts: list[Any], **lists: Any) -> bool | None:
    """Whether FU-04 lowers the likelihood of the only nodule, by the rules as they are written."""
    known = {"nodules": [{"id": "a"}], "treatments_given": [INJECTED], "contacts": contacts}
    return RULES.evaluate(prepare(known | lists)).verdict("FU-04-category")


@pytest.mark.parametrize(
    ("done", "between", "now", "lowers"),
    [
        (INJECTED, {"pain_nrs_now": 4}, 7, False),  # 3 of 7 points
        (INJECTED, {"pain_nrs_now": 5}, 7, True),  # less than a third
        (INJECTED, {"pain_nrs_now": 1}, 4, False),  # it still helps
        (INJECTED, {}, 7, True),
        (INJECTED | {"effect": 7, "effect_duration_days": 20}, {}, 7, False),
        (INJECTED | {"effect": 0, "effect_duration_days": 20}, {}, 7, True),
        (INJECTED | {"effect": 7, "effect_duration_days": 30}, {}, 7, True),
        (INJECTED | {"effect": 7, "effect_duration_days": 6}, {}, 7, True),  # the anaesthetic's
        (HELPED | {"relief_duration_hours": 168}, {}, 7, False),
        (HELPED | {"relief_duration_hours": 167}, {}, 7, True),
        (HELPED | {"relief_duration_hours": 30 * 24}, {}, 7, True),
        (HELPED | {"relief_duration_hours": 168, "nrs_after": 5}, {}, 7, True),
        (HELPED, {}, 7, True),
    ],
)
def test_relief_that_ended_before_the_visit_has_faded(
    done: dict[str, Any], between: dict[str, Any], now: int, lowers: bool
) -> None:
    contacts = [FIRST, contact(10, **between), contact(0, pain_nrs_now=now)]
    lists = {"blocks": [done], "treatments_given": []} if "nrs_before" in done else {}
    lists = lists or {"treatments_given": [done]}
    assert lowered(contacts, **lists) is lowers


def test_relief_of_the_first_days_is_the_anaesthetic_s_and_a_denial_stands() -> None:
    now = contact(0, pain_nrs_now=7)
    assert lowered([FIRST, contact(24, pain_nrs_now=1), now])
    helped = [FIRST, contact(10, pain_nrs_now=1)]
    assert not lowered([*helped, now])
    assert lowered([*helped, now | {"relief_faded": False}])


def test_of_one_day_the_treatment_is_judged_and_not_the_block() -> None:
    block = HELPED | {"relief_duration_hours": 300}
    contacts = [FIRST, contact(0, pain_nrs_now=7)]
    for more in ({}, {"adverse_event": "none"}, {"effect": 3}):
        assert lowered(contacts, blocks=[block], treatments_given=[INJECTED | more])
    assert not lowered(contacts, blocks=[block], treatments_given=[])
