"""A condition in words says what it asks, and what happens to what nobody recorded."""

from typing import Any

import pytest
from tests.unit.rules.parcels import OVER, definition, knowledge, rule

from rules.language.words import in_words, names_of

OPEN = "While this is not recorded, the answer is unknown."


def lines_of(when: Any, over: str | None = None, **changes: Any) -> list[str]:
    written = knowledge(
        rule("R", when, over), rule("R-0", {"fact": "speed", "above": 5}), **changes
    )
    return in_words(written.rules["R"].versions[0].condition, written.vocabulary).split("\n")


@pytest.mark.parametrize(
    ("when", "line"),
    [
        ({"fact": "fragile", "equals": True}, "Fragile: yes"),
        ({"fact": "colour", "equals": "red"}, "Colour: red one"),
        (
            {"fact": "colour", "in": ["red", "blue", "grey"]},
            "Colour: red one, blue one or grey one",
        ),
        ({"fact": "colour", "not_equals": "red"}, "Colour: not red one"),
        ({"fact": "papers.permit", "equals": False}, "Papers: permit one: no"),
        ({"fact": "distance_km", "at_least": 5}, "Distance km: 5 km or more"),
        ({"fact": "distance_km", "at_most": 0}, "Distance km: 0 km"),
        ({"fact": "distance_km", "above": 5}, "Distance km: more than 5 km"),
        ({"fact": "distance_km", "between": [5, 9]}, "Distance km: 5 to 9 km"),
        ({"compare": ["speed", "limit"], "is": "above"}, "Speed is above: Limit"),
        ({"not": {"fact": "colour", "equals": "red"}}, "Colour: not red one"),
        (
            {"fall_percent": ["limit", "speed"], "at_least": 50},
            "Fall from “Limit” to “Speed”: 50 % or more",
        ),
        (
            {"fall_points": ["limit", "speed"], "below": 0},
            "Fall from “Limit” to “Speed”: below zero, that is, a rise",
        ),
    ],
)
def test_one_comparison_reads_as_people_say_it(when: Any, line: str) -> None:
    assert lines_of(when)[0] == line


def test_a_single_finding_says_that_it_can_be_unknown() -> None:
    assert lines_of({"fact": "fragile", "equals": True})[-1] == OPEN


def test_a_question_for_what_is_recorded_is_never_unknown() -> None:
    assert lines_of({"not": {"fact": "fragile", "known": True}}) == [
        "Fragile: not recorded",
        "The answer is never unknown.",
    ]


def test_parts_are_listed_below_what_joins_them() -> None:
    any_two = [{"fact": "fragile", "equals": True}, {"fact": "insured", "equals": False}]
    assert lines_of({"all": [{"fact": "speed", "above": 3}, {"any": any_two}]}) == [
        "All of these hold:",
        "- Speed: more than 3",
        "- At least one of these holds:",
        "  - Fragile: yes",
        "  - Insured: no",
        "While none of them is known to fail and one is not recorded, the answer is unknown.",
    ]


def test_an_answer_that_only_counts_when_recorded_says_so() -> None:
    guarded = {"all": [{"fact": "fragile", "known": True}, {"fact": "fragile", "equals": True}]}
    assert lines_of({"any": [guarded, {"fact": "insured", "equals": True}]})[1:3] == [
        "- Fragile: yes (not recorded counts as no)",
        "- Insured: yes",
    ]
    assert lines_of({"not": guarded})[0] == "Fragile: not recorded as yes"


def test_lists_and_counts_are_said_as_such() -> None:
    scans = {"count_of": "scans", "where": {"item": "before", "above": 1}, "at_least": 2}
    conditions = [{"fact": "fragile", "equals": True}, {"fact": "insured", "equals": True}, scans]
    assert lines_of({"count": conditions, "exactly": 2}) == [
        "Exactly 2 of these hold:",
        "- Fragile: yes",
        "- Insured: yes",
        "- At least 2 entries of “Scans” (none recorded counts as none) with: Before: more than 1",
        "While what is not recorded could still change it, the answer is unknown.",
    ]


def test_entries_that_belong_to_another_say_so() -> None:
    heavy = definition("heavy", {"item": "weight_kg", "at_least": 20}, "parcels")
    scans = "At least one entry of “Scans” that belongs to this one (none recorded counts as none)"
    assert lines_of(OVER, "parcels", definitions=[heavy])[1:3] == [
        "- “heavy”",
        f"- {scans} with: Before: more than 1",
    ]


def test_rules_and_definitions_go_by_what_they_are_called() -> None:
    written = knowledge(
        rule("R", {"all": [{"rule": "R-0"}, {"not": {"defined": "far"}}]}),
        rule("R-0", {"fact": "speed", "above": 5}),
        definitions=[definition("far", {"fact": "distance_km", "above": 5})],
    )
    condition = written.rules["R"].versions[0].condition
    words = in_words(condition, written.vocabulary, names_of(written)).split("\n")
    assert words[1:3] == ["- Rule R-0, Rule R-0", "- Not so: It is so (far)"]
