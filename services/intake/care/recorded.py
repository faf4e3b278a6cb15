"""What is recorded of a patient's care, typed, with days ago instead of dates."""

from collections.abc import Mapping
from typing import Any, Final, Self

import msgspec

Number = int | float

UNLISTED: Final = "unlisted"
"""The id of the nodule that is known only to exist."""


class Entry(msgspec.Struct, frozen=True):
    """An entry of a list; what was not recorded of it is None."""

    def spelling(self) -> list[tuple[str, str]]:
        """Spell the entry in one way only, so that the order of a list never decides."""
        values = ((name, getattr(self, name)) for name in self.__struct_fields__)
        return [(name, str(value)) for name, value in values if value is not None]


class Contact(Entry, frozen=True):
    """One time that the patient was seen or asked; the fields are those of `contacts`."""

    adverse_event_resolved: bool | None = None
    drugs_stopped: bool | None = None
    happened_days_ago: int | None = None
    kind: str | None = None
    nodule_palpable: bool | None = None
    odi: Number | None = None
    pain_nrs_average: int | None = None
    pain_nrs_now: int | None = None
    pain_nrs_worst: int | None = None
    peg: Number | None = None
    relief_faded: bool | None = None
    rmdq: int | None = None
    worse_or_new_sign: bool | None = None


class Treatment(Entry, frozen=True):
    """One treatment; the fields are those of `treatments_given` and `previous_treatments`."""

    adverse_event: str | None = None
    effect: int | None = None
    effect_duration_days: int | None = None
    modality: str | None = None
    nodule_id: str | None = None
    performed_days_ago: int | None = None
    sessions: int | None = None
    site: str | None = None
    with_corticosteroid: bool | None = None


class Block(Entry, frozen=True):
    """One diagnostic block; the fields are those of `blocks`."""

    guidance: str | None = None
    minutes_after: int | None = None
    nodule_id: str | None = None
    nrs_after: int | None = None
    nrs_before: int | None = None
    performed_days_ago: int | None = None
    relief_duration_hours: Number | None = None
    site: str | None = None
    technically_sound: bool | None = None


class SteroidInjection(Entry, frozen=True):
    """One corticosteroid injection; the fields are those of `steroid_injections`."""

    nodule_id: str | None = None
    performed_days_ago: int | None = None
    site: str | None = None


class Nodule(Entry, frozen=True):
    """A nodule that is described; only which one it is matters here."""

    id: str | None = None


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the record of care is derived from.

    Attributes:
        steroid_injections: None: nobody asked for earlier ones.
        nodules: None: nobody has described any.
    """

    contacts: list[Contact] = []
    treatments_given: list[Treatment] = []
    blocks: list[Block] = []
    previous_treatments: list[Treatment] = []
    steroid_injections: list[SteroidInjection] | None = None
    nodules: list[Nodule] | None = None
    nodule_present: str | None = None
    nodule_count: int | None = None
    height_cm: Number | None = None
    weight_kg: Number | None = None

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Self:
        """Take it from the facts of an event: sections and lists, days ago instead of dates."""
        named = {**facts, **facts.get("patient", {}), **facts.get("nodule_examination", {})}
        return msgspec.convert(named, type=cls)
