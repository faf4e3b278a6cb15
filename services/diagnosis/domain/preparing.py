"""Prepare facts for the rules: the list of nodules and what refers to it, in one form."""

from collections.abc import Mapping
from typing import Any

Facts = Mapping[str, Any]
Element = dict[str, Any]

SITE_NOT_STATED = "lumbar_site_not_stated"  # says no more about the site than silence
UNLISTED = "unlisted"  # the nodule that is known only to exist


def prepare(facts: Facts) -> dict[str, Any]:
    """Make the facts that the rules read from those that were recorded.

    Nothing is invented: a nodule that is said to exist becomes one element without findings, an
    element takes its certainty from the case, a site that was not stated becomes unknown, and an
    image of "the nodule" belongs to the only nodule there is.

    Args:
        facts: flat facts as recorded; they are not changed.

    Returns:
        New flat facts.
    """
    known = {name: value for name, value in facts.items() if value is not None}
    _nodules(known)
    _links(known)
    if known.get("point_site") == SITE_NOT_STATED:
        del known["point_site"]
    return known


def _nodules(known: dict[str, Any]) -> None:
    present, nodules = known.get("nodule_present"), known.get("nodules")
    if nodules is None and present is not None:
        nodules = [] if present == "none" else [{"id": UNLISTED}]
    if nodules is None:
        return
    known["nodules"] = [_nodule(index, nodule, present) for index, nodule in enumerate(nodules)]
    if present is None:
        presence = _presence(known["nodules"])
        if presence:
            known["nodule_present"] = presence


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
    """Derive from the list whether there is a nodule, where the list is clear."""
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
