"""Treatments and blocks: the latest, how long each helped, needles, steroids, adverse events."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from intake.care.recorded import Block, Contact, Number, Recorded, SteroidInjection, Treatment

NEEDLES: Final = frozenset({"injection", "dry_needling"})
JUDGED: Final = NEEDLES | {"surgery"}
"""Treatments that a follow-up judges as a block is judged."""
ENERGY_OR_MANUAL: Final = frozenset({"laser", "tecar", "shockwave", "manual_therapy"})
NOT_AT_THE_NODULE: Final = frozenset({"exercise", "nsaid"})
YEAR_DAYS: Final = 365

_ELSEWHERE: Final = "other"
_ENOUGH: Final = 3  # steroid events of a day; more change nothing

Done = Treatment | Block


class Latest(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Whether anything was done, and what was done last."""

    any_treatment_given: bool
    latest_treatment: str | None = None
    latest_treatment_days_ago: int | None = None


class Relief(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """For how many days a treatment or block is recorded to have helped, and how much."""

    relief_of: str
    modality: str | None = None
    nodule_id: str | None = None
    performed_days_ago: int | None = None
    days: Number
    effect: int | None = None
    nrs_before: int | None = None
    nrs_after: int | None = None


class EndedRelief(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A relief by the judged treatment that ended before the latest follow-up."""

    relief_of: str
    days: Number
    effect: int | None = None
    nrs_before: int | None = None
    nrs_after: int | None = None


class SteroidEvent(msgspec.Struct, frozen=True, omit_defaults=True):
    """One injection near the site; None: nobody knows what was in it, or when it was."""

    corticosteroid: bool | None = None
    given_days_ago: int | None = None


class AdverseEvent(msgspec.Struct, frozen=True):
    """An adverse event that has not been called resolved."""

    adverse_event: str


def latest_of(done: Iterable[Done]) -> Done | None:
    """Find the newest treatment or block; one without a date counts as newer than all others.

    Of one day the treatment is what is judged, and not the block.
    """
    return min(done, key=_recency, default=None)


def _recency(done: Done) -> tuple[Any, ...]:
    ago = -1 if done.performed_days_ago is None else done.performed_days_ago
    return ago, _modality(done) is None, done.spelling()


def _modality(done: Done) -> str | None:
    return done.modality if isinstance(done, Treatment) else None


def judged(recorded: Recorded) -> list[Done]:
    """List what a follow-up judges: needles, operations and blocks."""
    given = [one for one in recorded.treatments_given if one.modality in JUDGED]
    return [*given, *recorded.blocks]


def latest(recorded: Recorded) -> Latest:
    """Name what was done last, of all treatments and blocks."""
    done = latest_of([*recorded.treatments_given, *recorded.blocks])
    if done is None:
        return Latest(any_treatment_given=False)
    name = "block" if isinstance(done, Block) else done.modality or "not_stated"
    return Latest(
        any_treatment_given=True,
        latest_treatment=name,
        latest_treatment_days_ago=done.performed_days_ago,
    )


def reliefs(done: Iterable[Done]) -> list[Relief]:
    """List the reliefs of which a duration is recorded."""
    return [relief for one in done if (relief := relief_by(one)) is not None]


def relief_by(done: Done) -> Relief | None:
    """Say for how long a treatment or block helped; None if that is not recorded."""
    if isinstance(done, Treatment):
        if done.effect_duration_days is None:
            return None
        return Relief(
            relief_of="treatment",
            modality=done.modality,
            nodule_id=done.nodule_id,
            performed_days_ago=done.performed_days_ago,
            days=done.effect_duration_days,
            effect=done.effect,
        )
    if done.relief_duration_hours is None:
        return None
    return Relief(
        relief_of="block",
        nodule_id=done.nodule_id,
        performed_days_ago=done.performed_days_ago,
        days=done.relief_duration_hours / 24,
        nrs_before=done.nrs_before,
        nrs_after=done.nrs_after,
    )


def ended_reliefs(done: Done, days: int) -> list[EndedRelief]:
    """List the relief by a treatment if it lasted for less than so many days."""
    relief = relief_by(done)
    if relief is None or relief.days >= days:
        return []
    return [
        EndedRelief(
            relief_of=relief.relief_of,
            days=relief.days,
            effect=relief.effect,
            nrs_before=relief.nrs_before,
            nrs_after=relief.nrs_after,
        )
    ]


def needle_days(recorded: Recorded) -> int | None:
    """Count needles of the last year by the day; sessions under one date count as so many days.

    Returns:
        None while a needle without a date could make it two; two are enough to stop.
    """
    given = [*recorded.treatments_given, *recorded.previous_treatments]
    needles: list[Done | SteroidInjection] = [one for one in given if one.modality in NEEDLES]
    needles += [one for one in recorded.steroid_injections or () if one.site != _ELSEWHERE]
    needles += recorded.blocks
    by_day: dict[int, int] = {}
    for one in needles:
        ago = one.performed_days_ago
        if ago is not None and ago <= YEAR_DAYS:
            by_day[ago] = max(by_day.get(ago, 0), _sessions(one))
    days = min(sum(by_day.values()), YEAR_DAYS)
    undated = any(one.performed_days_ago is None for one in needles)
    return None if undated and days <= 1 else days


def _sessions(done: Done | SteroidInjection) -> int:
    return max(1, done.sessions or 1) if isinstance(done, Treatment) else 1


def steroid_events(recorded: Recorded) -> list[SteroidEvent]:
    """List corticosteroid injections near the site, one for each day and session.

    While nobody has asked for earlier ones, two more are possible: enough to forbid a third.
    """
    by_day: dict[int | None, list[tuple[bool | None, int]]] = {}
    for content, injection in _injections(recorded):
        if injection.site != _ELSEWHERE:
            entry = (content, _sessions(injection))
            by_day.setdefault(injection.performed_days_ago, []).append(entry)
    undated = by_day.pop(None, [])
    events = [event for day, entries in by_day.items() for event in _events(day, entries)]
    events += [event for entry in undated for event in _events(None, [entry])]
    asked = recorded.steroid_injections is not None
    return events if asked else [*events, *_events(None, [(None, 2)])]


def _injections(recorded: Recorded) -> Iterator[tuple[bool | None, Treatment | SteroidInjection]]:
    """Visit each injection, with whether a corticosteroid was in it."""
    for injection in recorded.steroid_injections or ():
        yield True, injection
    for treatment in recorded.treatments_given:
        if treatment.modality == "injection" or treatment.with_corticosteroid is True:
            yield treatment.with_corticosteroid, treatment


def _events(day: int | None, entries: list[tuple[bool | None, int]]) -> list[SteroidEvent]:
    """Make one event of each session of a day."""
    contents = [content for content, _ in entries]
    content = True if True in contents else None if None in contents else False
    number = min(max(sessions for _, sessions in entries), _ENOUGH)
    return [SteroidEvent(content, day)] * number


def open_adverse_events(recorded: Recorded) -> list[AdverseEvent]:
    """List events at the nodule that the newest contact to mention them calls not resolved.

    What is recorded on the day of a treatment is recorded of those before it.
    """
    resolved_since = _resolved_since(recorded.contacts)
    return [
        AdverseEvent(one.adverse_event)
        for one in recorded.treatments_given
        if one.adverse_event not in (None, "none")
        and one.modality not in NOT_AT_THE_NODULE
        and not _is_over(one, resolved_since)
    ]


def _is_over(treatment: Treatment, resolved_since: int | None) -> bool:
    done = treatment.performed_days_ago
    return resolved_since is not None and done is not None and resolved_since < done


def _resolved_since(contacts: Iterable[Contact]) -> int | None:
    """Days since the newest contact to mention an event, if it calls it resolved.

    Of one day the contact counts that calls it not resolved.
    """
    mentions = [
        (one.happened_days_ago, one.adverse_event_resolved)
        for one in contacts
        if one.adverse_event_resolved is not None and one.happened_days_ago is not None
    ]
    days, resolved = min(mentions, default=(None, False))
    return days if resolved else None
