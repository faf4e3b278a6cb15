"""Works out from the recorded care how the pain went after the latest treatment."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

Facts = Mapping[str, Any]
Element = Mapping[str, Any]

JUDGED: Final = frozenset({"injection", "dry_needling", "surgery"})
_PAIN: Final = ("pain_nrs_average", "pain_nrs_now", "pain_nrs_worst")


def derive(facts: Facts) -> dict[str, list[dict[str, Any]]]:
    """Hold the latest follow-up against what was before the latest needle, operation or block.

    What a change means is for the rules to say; here are only pairs of scores, and days.

    Args:
        facts: flat facts as recorded; dates are days ago.

    Returns:
        Derived lists; none if nothing was done, or nobody has looked before and since.
    """
    given = [one for one in facts.get("treatments_given", ()) if one.get("modality") in JUDGED]
    given += facts.get("blocks", ())
    dated = [one for one in given if one.get("performed_days_ago") is not None]
    visits = [one for one in facts.get("contacts", ()) if one.get("happened_days_ago") is not None]
    follow_ups = [visit for visit in visits if visit.get("kind") != "first"]
    if not dated or not follow_ups:
        return {}
    treatment, now = min(dated, key=_recency), min(follow_ups, key=_newness)
    done, seen = treatment["performed_days_ago"], now["happened_days_ago"]
    others = [visit for visit in visits if visit is not now]
    baseline = _earliest(visit for visit in others if visit["happened_days_ago"] >= done)
    if seen > done:
        return {}
    since = [visit for visit in others if seen < visit["happened_days_ago"] <= done]
    said = _named(treatment, "nodule_id") | _named(now, "relief_faded")
    return {
        "judged_treatments": [pair | said for pair in _pairs(baseline, now, done)],
        "visits_between": [pair for visit in since for pair in _pairs(baseline, visit, done)],
        "ended_reliefs": [one for one in _reliefs(treatment) if one["days"] < done - seen],
    }


def _earliest(visits: Iterable[Element]) -> dict[str, Any]:
    """Take the earliest score of each scale."""
    scores: dict[str, Any] = {}
    for visit in sorted(visits, key=_age):
        scores |= _named(visit, *_PAIN)
    return scores


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


def _pairs(baseline: Element, visit: Element, done: int) -> list[dict[str, Any]]:
    """Pair the pain before with that of a visit, on one scale; nothing if they have none."""
    score = next((name for name in _PAIN if name in baseline and name in visit), None)
    if score is None:
        return []
    days = done - visit["happened_days_ago"]
    return [{"days_after": days, "nrs_before": baseline[score], "nrs_at_visit": visit[score]}]


def _recency(treatment: Element) -> tuple[Any, ...]:
    block = "modality" not in treatment  # of one day, the treatment is what is judged
    return treatment["performed_days_ago"], block, _spelled(treatment)


def _newness(visit: Element) -> tuple[Any, ...]:
    """Of one day the visit that tells of a worsening is the newest, then the one with more pain."""
    worse = visit.get("worse_or_new_sign") is True
    return visit["happened_days_ago"], not worse, -_pain(visit), _spelled(visit)


def _age(visit: Element) -> tuple[Any, ...]:
    """Of one day the first visit is the oldest, then the one with less pain.

    What was said before the needle is the baseline, and a rise must not be missed.
    """
    first = visit.get("kind") == "first"
    return visit["happened_days_ago"], first, -_pain(visit), _spelled(visit)


def _pain(visit: Element) -> int:
    return max((visit[name] for name in _PAIN if visit.get(name) is not None), default=0)


def _spelled(element: Element) -> list[tuple[str, str]]:
    """Spell an element in one way only, so that the order in a list never decides."""
    return sorted((name, str(value)) for name, value in element.items())


def _named(element: Element, *names: str) -> dict[str, Any]:
    return {name: element[name] for name in names if element.get(name) is not None}
