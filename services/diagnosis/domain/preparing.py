"""Prepares facts for the rules: what the record implies, said once."""

from collections.abc import Mapping
from typing import Any

Facts = Mapping[str, Any]
Element = dict[str, Any]

SITE_NOT_STATED = "lumbar_site_not_stated"  # says no more about the site than silence
UNLISTED = "unlisted"  # the nodule that is known only to exist
JUDGED_MODALITIES = frozenset({"injection", "dry_needling", "surgery"})
MONTH_DAYS = 21
WEEK_DAYS = 7  # relief of fewer days may be that of the anaesthetic
LEAST_POINTS = 2
LEAST_SHARE = 0.3
SCORES = ("pain_nrs_average", "pain_nrs_now", "pain_nrs_worst")


def prepare(facts: Facts) -> dict[str, Any]:
    """Make the facts that the rules read from those that were recorded.

    Nothing is invented: a nodule that is said to exist becomes one element without findings, an
    element takes its certainty from the case, a site that was not stated becomes unknown, and an
    image of "the nodule" belongs to the only nodule there is.

    Args:
        facts: flat facts as recorded; they are not changed.

    Returns:
        New flat facts, with the derived ones.
    """
    known = {name: value for name, value in facts.items() if value is not None}
    _nodules(known)
    _links(known)
    if known.get("point_site") == SITE_NOT_STATED:
        del known["point_site"]
    _body_mass_index(known)
    judged = _judged_treatment(known)
    if judged:
        known["judged_treatments"] = [judged]
    return known


def _nodules(known: dict[str, Any]) -> None:
    present, nodules = known.get("nodule_present"), known.get("nodules")
    if nodules is None and present is not None:
        nodules = [] if present == "none" else [{"id": UNLISTED}]
    if nodules is None:
        return
    known["nodules"] = [_nodule(index, nodule, present) for index, nodule in enumerate(nodules)]
    if present is None:
        said = _presence(known["nodules"])
        if said:
            known["nodule_present"] = said


def _nodule(index: int, nodule: Element, present: str | None) -> Element:
    copy = {name: value for name, value in nodule.items() if value is not None}
    copy.setdefault("id", f"nodule-{index + 1}")
    if present in {"definite", "doubtful"}:
        copy.setdefault("certainty", present)
    if present == "none":  # the record contradicts itself
        copy["certainty"] = "doubtful"
    if copy.get("site") == SITE_NOT_STATED:
        del copy["site"]
    return copy


def _presence(nodules: list[Element]) -> str | None:
    """Say for the case what its list says, where the list is clear."""
    if not nodules:
        return "none"
    certainties = {nodule.get("certainty") for nodule in nodules}
    if "definite" in certainties:
        return "definite"
    return "doubtful" if certainties == {"doubtful"} else None


def _links(known: dict[str, Any]) -> None:
    """Tie results to nodules: an id that names none counts as missing, so danger still acts."""
    nodules = known.get("nodules") or []
    ids = {nodule["id"] for nodule in nodules}
    only = next(iter(ids)) if len(ids) == 1 and known.get("nodule_count", 1) <= 1 else None
    if "investigations" in known:
        known["investigations"] = [_linked(e, ids, only) for e in known["investigations"]]
    if "blocks" in known:
        known["blocks"] = [_linked(e, ids, None) for e in known["blocks"]]


def _linked(element: Element, ids: set[str], only: str | None) -> Element:
    copy = {name: value for name, value in element.items() if value is not None}
    if copy.get("nodule_id") not in ids:
        copy.pop("nodule_id", None)
    if only and "nodule_id" not in copy and copy.get("region") == "nodule":
        copy["nodule_id"] = only
    if copy.get("site") == SITE_NOT_STATED:
        del copy["site"]
    return copy


def _body_mass_index(known: dict[str, Any]) -> None:
    height, weight = known.get("height_cm"), known.get("weight_kg")
    if height and weight:
        known["body_mass_index"] = round(weight / (height / 100) ** 2, 1)


def _judged_treatment(known: Facts) -> Element | None:
    """Find the latest needle treatment that a follow-up of a month or more can judge."""
    given = [e for e in known.get("treatments_given", ()) if e.get("modality") in JUDGED_MODALITIES]
    given += known.get("blocks", ())
    dated = [element for element in given if element.get("performed_days_ago") is not None]
    visits = [e for e in known.get("contacts", ()) if e.get("happened_days_ago") is not None]
    follow_ups = [visit for visit in visits if visit.get("kind") == "follow_up"]
    if not dated or not follow_ups:
        return None
    treatment = min(dated, key=_recency)
    now = min(follow_ups, key=lambda visit: (visit["happened_days_ago"], _spelled(visit)))
    since = treatment["performed_days_ago"]
    before = [v for v in visits if v["happened_days_ago"] >= since and v is not now]
    if since - now["happened_days_ago"] < MONTH_DAYS or not before:
        return None
    first = max(before, key=lambda visit: (visit["happened_days_ago"], _spelled(visit)))
    between = [v for v in visits if v["happened_days_ago"] <= since - WEEK_DAYS and v is not now]
    judged = _judged(treatment, first, now)
    if judged and not _responds(first, now):
        helped = any(_responds(first, visit) for visit in between)
        if helped or WEEK_DAYS <= _lasted(treatment) < since - now["happened_days_ago"]:
            judged.setdefault("relief_faded", True)
    return judged


def _lasted(treatment: Element) -> float:
    """For how many days it is recorded to have helped; none if that is not recorded."""
    days, hours = treatment.get("effect_duration_days"), treatment.get("relief_duration_hours")
    before, after = treatment.get("nrs_before"), treatment.get("nrs_after")
    if days and treatment.get("effect") != 0:
        return float(days)
    if hours and before and after is not None and after <= before / 2:
        return float(hours / 24)
    return 0.0


def _responds(first: Element, now: Element) -> bool:
    """Whether pain has fallen as a responder's does, so that a later rise is relief that faded."""
    score = next((name for name in SCORES if name in first and name in now), None)
    if score is None:
        return False
    return bool(first[score] - now[score] >= max(LEAST_POINTS, LEAST_SHARE * first[score]))


def _recency(treatment: Element) -> tuple[Any, ...]:
    block = "modality" not in treatment  # of one day, the treatment is what is judged
    return treatment["performed_days_ago"], block, _spelled(treatment)


def _spelled(element: Element) -> list[tuple[str, str]]:
    """Spell an element in one way only, so that the order in a list never decides."""
    return sorted((name, str(value)) for name, value in element.items())


def _judged(treatment: Element, first: Element, now: Element) -> Element | None:
    score = next((name for name in SCORES if name in first and name in now), None)
    if score is None:
        return None
    judged = {"nrs_before": first[score], "nrs_at_month": now[score]}
    judged |= {name: treatment[name] for name in ("nodule_id",) if name in treatment}
    return judged | {name: now[name] for name in ("relief_faded",) if name in now}
