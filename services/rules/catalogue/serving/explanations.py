"""Why a rule came out as it did, as a typed tree: what the rule engine's explanation makes."""

from typing import Any

from msgspec import UNSET, Struct, UnsetType


class ConditionTree(
    Struct, frozen=True, omit_defaults=True, kw_only=True, rename={"list_": "list"}
):
    """A condition, how it came out, and the conditions within it.

    Attributes:
        op: What it asks, such as `all`, `equals` or `at_least`.
        verdict: Whether it is true; null is unknown.
        id: The rule or the definition that it names.
        fact: The recorded fact that it reads.
        item: The field of a list's element that it reads.
        list: The list over whose elements it is judged.
        element: The element, by its id or its position.
        label: What people call the fact.
        value: What was recorded; null if nothing was.
        unit: The unit of the value.
        expected: What it is compared with.
        at_least: How many of its conditions must be true.
        at_most: How many may be true.
        exactly: How many must be true, and no more.
        incomplete: Whether the list may have more elements than were recorded.
        children: The conditions within it.
        compare: The two facts that are compared.
        fall_percent: The two scores between which a fall is measured, in percent of the first.
        fall_points: The two scores between which a fall is measured, in points.
    """

    op: str | None = None
    verdict: bool | UnsetType | None = UNSET
    id: str | None = None
    fact: str | None = None
    item: str | None = None
    list_: str | None = None
    element: Any = UNSET
    label: str | None = None
    value: Any = UNSET
    unit: str | None = None
    expected: Any = UNSET
    at_least: int | None = None
    at_most: int | None = None
    exactly: int | None = None
    incomplete: bool | None = None
    children: "list[ConditionTree] | None" = None
    compare: "list[ConditionTree] | None" = None
    fall_percent: "list[ConditionTree] | None" = None
    fall_points: "list[ConditionTree] | None" = None
