"""Works out from the recorded care what was done, when, and how the pain went since."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

Facts = Mapping[str, Any]
Element = Mapping[str, Any]

YEAR_DAYS: Final = 365
NEEDLES: Final = frozenset({"injection", "dry_needling"})
JUDGED: Final = NEEDLES | {"surgery"}
ENERGY_OR_MANUAL: Final = frozenset({"laser", "tecar", "shockwave", "manual_therapy"})
NOT_AT_THE_NODULE: Final = frozenset({"exercise", "nsaid"})

CARE: Final = frozenset(
    {"contacts", "treatments_given", "blocks", "previous_treatments", "steroid_injections"}
)
"""All that is read here."""

_PAIN: Final = ("pain_nrs_average", "pain_nrs_now", "pain_nrs_worst")
_PRESENT: Final = ("pain_nrs_average", "pain_nrs_now")
_FUNCTION: Final = ("rmdq", "odi")
_ELSEWHERE: Final = "other"
_ENOUGH: Final = 3  # events of a day; more change nothing


def derive(facts: Facts) -> dict[str, Any]:
    """Works out the derived facts of section "derived" that rest on recorded care.

    Args:
        facts: Flat facts; dates are days ago.

    Returns:
        Derived facts; None is unknown.
    """
    contact = latest_follow_up(facts)
    return {
        "any_treatment_given": bool(facts.get("treatments_given") or facts.get("blocks")),
        "needle_days_in_12_months": _needle_days(facts),
        "steroid_events": _steroids(facts),
        "open_adverse_events": list(_open_adverse_events(facts)),
        **_said(contact),
        **_since_treatment(facts, contact),
        **_since_care(facts, contact),
    }


def latest_follow_up(facts: Facts) -> Element | None:
    """Finds the newest follow-up contact; one without a date counts as newer than all others.

    Of two on one day the one that tells of a worsening counts, then the one with more pain.
    """
    seen = [one for one in facts.get("contacts", ()) if one.get("kind") != "first"]
    return min(seen, key=_newness, default=None)


def _newness(contact: Element) -> tuple[Any, ...]:
    days = _days(contact, "happened_days_ago", -1)
    return days, contact.get("worse_or_new_sign") is not True, -_pain(contact), _spelled(contact)


def _pain(contact: Element) -> int:
    return max(_told(contact, _PAIN), default=0)


def _told(contact: Element, scores: Iterable[str]) -> list[int]:
    return [contact[name] for name in scores if contact.get(name) is not None]


def _spelled(element: Element) -> list[tuple[str, str]]:
    """Spell an element in one way only, so that the order in a list never decides."""
    return sorted((name, str(value)) for name, value in element.items())


def latest_treatment(facts: Facts, modalities: frozenset[str] | None = None) -> Element | None:
    """Finds the newest treatment or block; one without a date counts as newer than all others.

    Args:
        facts: Flat facts.
        modalities: Which treatments to look at, blocks besides; all of them if None.
    """
    done = [
        one
        for one in facts.get("treatments_given", ())
        if modalities is None or one.get("modality") in modalities
    ]
    done += facts.get("blocks", ())
    return min(done, key=_recency, default=None)


def _recency(treatment: Element) -> tuple[Any, ...]:
    block = "modality" not in treatment  # of one day, the treatment is what is judged
    return _days(treatment, "performed_days_ago", -1), block, _spelled(treatment)


def _days(element: Element, name: str, without: int) -> int:
    value = element.get(name)
    return without if value is None else int(value)


def _said(contact: Element | None) -> dict[str, Any]:
    """What the newest follow-up contact says; without one there is nothing worse or new."""
    if contact is None:
        return {
            "followed_up": False,
            "follow_up_worse_or_new_sign": False,
            "relief_faded_recorded": False,
            "relief_fading_denied": False,
        }
    return {
        "followed_up": True,
        "follow_up_worse_or_new_sign": contact.get("worse_or_new_sign"),
        "follow_up_nodule_palpable": contact.get("nodule_palpable"),
        "relief_faded_recorded": contact.get("relief_faded") is True,
        "relief_fading_denied": contact.get("relief_faded") is False,
        "follow_up_nrs_highest": max(_told(contact, _PRESENT), default=None),
    }


def _open_adverse_events(facts: Facts) -> Iterator[Element]:
    """Finds events at the nodule that the newest contact to speak of them calls not resolved.

    What is said on the day of a treatment is said of those before it.
    """
    told = [
        one
        for one in facts.get("contacts", ())
        if one.get("adverse_event_resolved") is not None
        and one.get("happened_days_ago") is not None
    ]
    newest: Element = min(told, key=_speaking_last, default={})
    over = newest["happened_days_ago"] if newest.get("adverse_event_resolved") else None
    for treatment in facts.get("treatments_given", ()):
        event, done = treatment.get("adverse_event"), treatment.get("performed_days_ago")
        resolved = over is not None and done is not None and over < done
        elsewhere = treatment.get("modality") in NOT_AT_THE_NODULE
        if event not in (None, "none") and not resolved and not elsewhere:
            yield {"adverse_event": event}


def _speaking_last(contact: Element) -> tuple[Any, ...]:
    """Of one day the contact counts that calls an event not resolved."""
    return contact["happened_days_ago"], contact["adverse_event_resolved"]


def _since_treatment(facts: Facts, contact: Element | None) -> dict[str, Any]:
    """Holds the newest follow-up contact against what was before the newest needle or operation."""
    treatment = latest_treatment(facts, JUDGED)
    looked = _looked(treatment, contact)
    if treatment is None or contact is None or not looked:
        said = {} if looked is None else _scores({}, contact or {})
        return {"seen_after_treatment": looked, **said}
    done, seen = treatment["performed_days_ago"], contact["happened_days_ago"]
    others = _others(facts, contact)
    baseline = _earliest(one for one in others if one["happened_days_ago"] >= done)
    rise = _scores(_just_before(others, done), contact)
    since = [one for one in others if seen < one["happened_days_ago"] <= done]
    return {
        "seen_after_treatment": True,
        "days_from_treatment_to_contact": done - seen,
        "visits_between": [pair for one in since for pair in _pairs(baseline, one, done)],
        "ended_reliefs": [one for one in _reliefs(treatment) if one["days"] < done - seen],
        "nrs_just_before": rise["baseline_nrs"],
        "nrs_since": rise["follow_up_nrs"],
        **_scores(baseline, contact),
    }


def _since_care(facts: Facts, contact: Element | None) -> dict[str, Any]:
    """Holds the newest follow-up contact against what was before the newest laser or other care."""
    given = facts.get("treatments_given", ())
    other = (one for one in given if one.get("modality") in ENERGY_OR_MANUAL)
    care = min(other, key=_recency, default=None)
    looked = _looked(care, contact)
    if care is None or contact is None or not looked:
        return {"seen_after_care": looked}
    done, others = care["performed_days_ago"], _others(facts, contact)
    scores = _scores(_earliest(one for one in others if one["happened_days_ago"] >= done), contact)
    rise = _scores(_just_before(others, done), contact)
    return {
        "seen_after_care": True,
        "days_from_care_to_contact": done - contact["happened_days_ago"],
        "care_baseline_nrs": scores["baseline_nrs"],
        "care_follow_up_nrs": scores["follow_up_nrs"],
        "care_nrs_just_before": rise["baseline_nrs"],
        "care_nrs_since": rise["follow_up_nrs"],
    }


def _looked(treatment: Element | None, contact: Element | None) -> bool | None:
    """Whether somebody has looked since a treatment; unknown while a date is missing."""
    if treatment is None or contact is None:
        return False
    done, seen = treatment.get("performed_days_ago"), contact.get("happened_days_ago")
    return None if done is None or seen is None else bool(seen <= done)


def _others(facts: Facts, contact: Element) -> list[Element]:
    contacts = [one for one in facts.get("contacts", ()) if one is not contact]
    return [one for one in contacts if one.get("happened_days_ago") is not None]


def _pairs(baseline: Mapping[str, Any], visit: Element, done: int) -> list[dict[str, Any]]:
    """Pair the pain of two visits on one scale; nothing if they have none in common."""
    scores = _scores(baseline, visit)
    before, then = scores["baseline_nrs"], scores["follow_up_nrs"]
    if before is None or then is None:
        return []
    days = done - visit["happened_days_ago"]
    return [{"days_after": days, "nrs_before": before, "nrs_at_visit": then}]


def _reliefs(treatment: Element) -> list[dict[str, Any]]:
    """List for how many days a treatment is recorded to have helped, and how much."""
    told: list[dict[str, Any]] = []
    if treatment.get("effect_duration_days") is not None:
        days = treatment["effect_duration_days"]
        told.append({"told_of": "treatment", "days": days} | _named(treatment, "effect"))
    if treatment.get("relief_duration_hours") is not None:
        days = treatment["relief_duration_hours"] / 24
        scores = _named(treatment, "nrs_before", "nrs_after")
        told.append({"told_of": "block", "days": days} | scores)
    return told


def _named(element: Element, *names: str) -> dict[str, Any]:
    return {name: element[name] for name in names if element.get(name) is not None}


def _just_before(contacts: list[Element], done: int) -> dict[str, Any]:
    """Takes the last scores before a treatment; an old one says nothing of what it changed.

    A follow-up of the same day may tell of the hours before it or after: it counts where it tells
    of more pain than the one before. The first contact is always before.
    """
    that_day = [one for one in contacts if one["happened_days_ago"] == done]
    opened = [one for one in that_day if one.get("kind") == "first"]
    seen = _latest(one for one in that_day if one not in opened)
    if opened:
        return seen | _latest(opened)
    before = _latest(one for one in contacts if one["happened_days_ago"] > done)
    both = (name for name in _PAIN if name in seen and name in before)
    return seen | before | {name: max(seen[name], before[name]) for name in both}


def _earliest(contacts: Iterable[Element]) -> dict[str, Any]:
    """Takes the earliest of each score: the baseline."""
    return _last_told(sorted(contacts, key=lambda one: (one["happened_days_ago"], *_standing(one))))


def _latest(contacts: Iterable[Element]) -> dict[str, Any]:
    """Takes the latest of each score."""
    ordered = sorted(contacts, key=lambda one: (-one["happened_days_ago"], *_standing(one)))
    return _last_told(ordered)


def _last_told(contacts: Iterable[Element]) -> dict[str, Any]:
    scores: dict[str, Any] = {}
    for one in contacts:
        scores |= {name: one[name] for name in (*_PAIN, *_FUNCTION) if one.get(name) is not None}
    return scores


def _standing(contact: Element) -> tuple[Any, ...]:
    """Of one day the first contact stands, then the one with less pain.

    What was said before the needle is the baseline, and a rise must not be missed.
    """
    return contact.get("kind") == "first", -_pain(contact), _spelled(contact)


def _scores(before: Mapping[str, Any], contact: Element) -> dict[str, Any]:
    """Pairs scores of one kind; the average, if both have it, else now, else the worst."""
    given = [name for name in _PAIN if contact.get(name) is not None]
    kind = next((name for name in given if name in before), next(iter(given), None))
    scores = {"baseline_nrs": before.get(kind or ""), "follow_up_nrs": contact.get(kind or "")}
    for name in _FUNCTION:
        scores |= {f"baseline_{name}": before.get(name), f"follow_up_{name}": contact.get(name)}
    return scores


def _needle_days(facts: Facts) -> int | None:
    """Counts needles by the day; several sessions under one date count as so many days."""
    given = [*facts.get("treatments_given", ()), *facts.get("previous_treatments", ())]
    done = [one for one in given if one.get("modality") in NEEDLES]
    done += [one for one in facts.get("steroid_injections", ()) if one.get("site") != _ELSEWHERE]
    done += facts.get("blocks", ())
    by_day: dict[int, int] = {}
    for one in done:
        ago = one.get("performed_days_ago")
        if ago is not None and ago <= YEAR_DAYS:
            by_day[ago] = max(by_day.get(ago, 0), _sessions(one))
    days = min(sum(by_day.values()), YEAR_DAYS)
    undated = any(one.get("performed_days_ago") is None for one in done)
    return None if undated and days <= 1 else days  # two are enough to stop, whatever is missing


def _sessions(element: Element) -> int:
    return max(1, element.get("sessions") or 1)


def _steroids(facts: Facts) -> list[Element]:
    """Lists corticosteroid injections near the site, one for each day and session.

    While nobody has asked for earlier ones, two more are possible: enough to forbid a third.
    """
    told = [(True, e) for e in facts.get("steroid_injections", ())]
    told += [
        (e.get("with_corticosteroid"), e)
        for e in facts.get("treatments_given", ())
        if e.get("modality") == "injection" or e.get("with_corticosteroid") is True
    ]
    by_day: dict[int | None, list[tuple[bool | None, int]]] = {}
    for content, element in told:
        if element.get("site") != _ELSEWHERE:
            day = element.get("performed_days_ago")
            by_day.setdefault(day, []).append((content, _sessions(element)))
    events = [e for day, found in by_day.items() if day is not None for e in _events(day, found)]
    events += [e for found in by_day.get(None, []) for e in _events(None, [found])]
    asked = facts.get("steroid_injections") is not None
    return events if asked else [*events, *_events(None, [(None, 2)])]


def _events(day: int | None, found: list[tuple[bool | None, int]]) -> list[Element]:
    """Makes one event of each session of a day."""
    contents = [content for content, _ in found]
    content = True if True in contents else None if None in contents else False
    event = {"corticosteroid": content, "given_days_ago": day}
    return [event] * min(max(number for _, number in found), _ENOUGH)
