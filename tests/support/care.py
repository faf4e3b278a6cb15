"""Facts with the record of care beside them, as intake sends them."""

from collections.abc import Mapping
from typing import Any

from intake.care import Recorded, record_of_care

Facts = dict[str, Any]


class Derived(Facts):
    """Facts of which those that are unknown read as None."""

    def __missing__(self, name: str) -> None:
        return None


def care_of(facts: Mapping[str, Any]) -> Derived:
    """Derive the record of care from facts by section, or from flat ones."""
    known = {name: _known(value) for name, value in facts.items() if value is not None}
    return Derived(record_of_care(Recorded.of(known)).facts())


def _known(value: Any) -> Any:
    """Leave out what is None inside lists, as facts of events do."""
    if not isinstance(value, list):
        return value
    return [{name: one[name] for name in one if one[name] is not None} for one in value]


def with_care(facts: Mapping[str, Any]) -> Facts:
    """Add the record of care to the facts of an event; an earlier record is replaced."""
    recorded = {name: v for name, v in facts.get("care", {}).items() if name not in _DERIVED}
    return {**facts, "care": recorded | care_of(facts)}


def with_flat_care(facts: Mapping[str, Any]) -> Facts:
    """Add the record of care to flat facts; what they hold of an earlier record is replaced."""
    recorded = {name: value for name, value in facts.items() if name not in _DERIVED}
    return {**recorded, **care_of(recorded)}


FIRST = {"kind": "first", "happened_days_ago": 9, "pain_nrs_now": 8, "rmdq": 9, "odi": 9}
SAYS_ALL = {"kind": "follow_up", "worse_or_new_sign": True, "nodule_palpable": True}
EVERYTHING = {
    "contacts": [FIRST, FIRST | SAYS_ALL | {"happened_days_ago": 1}],
    "treatments_given": [
        {"modality": name, "performed_days_ago": 5} for name in ("injection", "laser")
    ],
    "blocks": [{"performed_days_ago": 6, "relief_duration_hours": 5}],
    "nodules": [],
    "height_cm": 160,
    "weight_kg": 60,
}
"""Care of which every fact of the record can be derived."""

_DERIVED = frozenset(care_of(EVERYTHING))
