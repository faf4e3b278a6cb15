"""Contacts in order: the newest follow-up, baselines, scores just before, visits between."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from intake.care.recorded import Contact, Number

PAIN: Final = ("pain_nrs_average", "pain_nrs_now", "pain_nrs_worst")
PRESENT_PAIN: Final = ("pain_nrs_average", "pain_nrs_now")
FUNCTION: Final = ("rmdq", "odi")

Scores = Mapping[str, Number]


class Visit(msgspec.Struct, frozen=True, omit_defaults=True):
    """A contact in the order of all contacts."""

    kind: str | None = None
    happened_days_ago: int | None = None
    nrs_highest: int | None = None


class FollowUp(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What the newest follow-up contact says; without one there is nothing worse or new."""

    followed_up: bool
    follow_up_worse_or_new_sign: bool | None = None
    follow_up_nodule_palpable: bool | None = None
    relief_faded_recorded: bool
    relief_fading_denied: bool
    follow_up_nrs_highest: int | None = None


class Pair(msgspec.Struct, frozen=True, omit_defaults=True):
    """The pain before a treatment and at a contact after it, on one scale."""

    days_after: int
    nrs_before: int
    nrs_at_visit: int


class Compared(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Scores before a treatment and at a contact: pain on one scale, and function."""

    baseline_nrs: int | None = None
    follow_up_nrs: int | None = None
    baseline_rmdq: int | None = None
    follow_up_rmdq: int | None = None
    baseline_odi: Number | None = None
    follow_up_odi: Number | None = None


def visits(contacts: Sequence[Contact]) -> list[Visit]:
    """List the contacts, the oldest first; of those without a date nobody knows when they were."""
    dated = sorted((one for one in contacts if one.happened_days_ago is not None), key=age)
    undated = [one for one in contacts if one.happened_days_ago is None]
    return [
        Visit(one.kind, one.happened_days_ago, max(scores_of(one, PAIN).values(), default=None))
        for one in (*reversed(dated), *undated)
    ]


def newest_follow_up(contacts: Iterable[Contact]) -> Contact | None:
    """Find the newest follow-up contact; one without a date counts as newer than all others.

    Of two on one day the one that reports a worsening counts, then the one with more pain.
    """
    return min((one for one in contacts if one.kind != "first"), key=_newness, default=None)


def follow_up(contact: Contact | None) -> FollowUp:
    """Take from the newest follow-up contact what it says of itself."""
    if contact is None:
        return FollowUp(
            followed_up=False,
            follow_up_worse_or_new_sign=False,
            relief_faded_recorded=False,
            relief_fading_denied=False,
        )
    return FollowUp(
        followed_up=True,
        follow_up_worse_or_new_sign=contact.worse_or_new_sign,
        follow_up_nodule_palpable=contact.nodule_palpable,
        relief_faded_recorded=contact.relief_faded is True,
        relief_fading_denied=contact.relief_faded is False,
        follow_up_nrs_highest=max(scores_of(contact, PRESENT_PAIN).values(), default=None),
    )


def scores_of(contact: Contact, names: Iterable[str]) -> dict[str, Any]:
    """Take the named scores that a contact has."""
    values = ((name, getattr(contact, name)) for name in names)
    return {name: value for name, value in values if value is not None}


def others(contacts: Iterable[Contact], contact: Contact) -> list[Contact]:
    """List the other contacts that have a date."""
    return [one for one in contacts if one is not contact and one.happened_days_ago is not None]


def baseline(contacts: Iterable[Contact], done: int) -> Scores:
    """Take the earliest of each score up to the day of a treatment."""
    before = (one for one in contacts if _days(one) >= done)
    return _last_of_each(sorted(before, key=age))


def just_before(contacts: Sequence[Contact], done: int) -> Scores:
    """Take the last scores before a treatment; an old one says nothing of what it changed.

    A follow-up of the same day may have been in the hours before or after it: it counts where it
    reports more pain than the one before. The first contact is always before.
    """
    that_day = [one for one in contacts if one.happened_days_ago == done]
    opened = [one for one in that_day if one.kind == "first"]
    seen = _latest(one for one in that_day if one.kind != "first")
    if opened:
        return seen | _latest(opened)
    before = _latest(one for one in contacts if _days(one) > done)
    both = (name for name in PAIN if name in seen and name in before)
    return seen | before | {name: max(seen[name], before[name]) for name in both}


def compared(before: Scores, contact: Contact | None) -> Compared:
    """Pair scores of one kind: the average, if both have it, else now, else the worst."""
    after = {} if contact is None else scores_of(contact, (*PAIN, *FUNCTION))
    given = [name for name in PAIN if name in after]
    kind = next((name for name in given if name in before), next(iter(given), ""))
    pairs: dict[str, Any] = {"baseline_nrs": before.get(kind), "follow_up_nrs": after.get(kind)}
    for name in FUNCTION:
        pairs |= {f"baseline_{name}": before.get(name), f"follow_up_{name}": after.get(name)}
    return Compared(**pairs)


def pairs(before: Scores, contact: Contact, done: int) -> list[Pair]:
    """Pair the pain before with that of a contact; nothing if they have no scale in common."""
    found = compared(before, contact)
    if found.baseline_nrs is None or found.follow_up_nrs is None:
        return []
    return [Pair(done - _days(contact), found.baseline_nrs, found.follow_up_nrs)]


def age(contact: Contact) -> tuple[Any, ...]:
    """Rank by age; of one day the first contact is the oldest, then the one with less pain.

    What was recorded before the needle is the baseline, and a rise must not be missed.
    """
    return _days(contact), contact.kind == "first", -_pain(contact), contact.spelling()


def _newness(contact: Contact) -> tuple[Any, ...]:
    worse = contact.worse_or_new_sign is True
    return _days(contact), not worse, -_pain(contact), contact.spelling()


def _days(contact: Contact) -> int:
    """Days since the contact; one without a date counts as newer than all others."""
    return -1 if contact.happened_days_ago is None else contact.happened_days_ago


def _pain(contact: Contact) -> int:
    return max(scores_of(contact, PAIN).values(), default=0)


def _latest(contacts: Iterable[Contact]) -> dict[str, Any]:
    def order(contact: Contact) -> tuple[Any, ...]:
        days, *same_day = age(contact)
        return -days, *same_day

    return _last_of_each(sorted(contacts, key=order))


def _last_of_each(contacts: Iterable[Contact]) -> dict[str, Any]:
    scores: dict[str, Any] = {}
    for contact in contacts:
        scores |= scores_of(contact, (*PAIN, *FUNCTION))
    return scores
