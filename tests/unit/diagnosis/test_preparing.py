"""What the record implies before the rules read it."""

from datetime import date
from typing import Any

import pytest
from tests.support.care import with_flat_care

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


def contact(days: int, kind: str = "follow_up", **scores: Any) -> dict[str, Any]:
    return {"happened_days_ago": days, "kind": kind, **scores}


INJECTED = {"modality": "injection", "nodule_id": "a", "performed_days_ago": 30}
FIRST = contact(40, "first", pain_nrs_now=7)


HELPED = {"nodule_id": "a", "nrs_before": 8, "nrs_after": 1, "performed_days_ago": 30}


def lowered(contacts: list[Any], **lists: Any) -> bool | None:
    """Whether FU-04 lowers the likelihood of the only nodule, by the rules as they are written."""
    known = {"nodules": [{"id": "a"}], "treatments_given": [INJECTED], "contacts": contacts}
    return RULES.evaluate(prepare(with_flat_care(known | lists))).verdict("FU-04-category")


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
