"""Names of facts as people read them."""

from collections.abc import Mapping
from typing import Any

from diagnosis.judge.names import LIST_SPELLING, spelled
from diagnosis.judge.ruleset import RulesInForce
from diagnosis.write.case import Case


def nodule_of_several(case: Case, nodule: Mapping[str, Any]) -> str | None:
    """Name a nodule, and where it lies, as ``nodule b (left, sacroiliac line)``.

    None where it is the only one on the list and needs no name.
    """
    if len(case.facts["nodules"]) == 1:
        return None
    placed = {f"nodules[].{field}": nodule[field] for field in ("side", "site") if field in nodule}
    places = dict.fromkeys(value_label(case.rules, name, value) for name, value in placed.items())
    where = ", ".join(places)
    if not where:
        return case.text("names.nodule", id=nodule["id"])
    return case.text("names.nodule_at", id=nodule["id"], where=where)


def value_label(rules: RulesInForce, name: str, value: str) -> str:
    """Put a coded value into words; what is not coded stays as it is."""
    labels = {known.code: known.label for known in rules.vocabulary.fact(name).values}
    return labels.get(value, value)


def label(rules: RulesInForce, name: str, facts: Mapping[str, Any]) -> str:
    """Name a fact for people, and the element where there are several."""
    if name in rules.vocabulary.lists:
        return rules.vocabulary.lists[name].label
    text = rules.vocabulary.fact(name).label
    owner, bracket, _ = name.partition("[")
    if not bracket or len(facts[owner]) == 1:
        return text
    identity = spelled(name, facts).partition("[")[2].partition(LIST_SPELLING)[0]
    return f"{text} ({rules.vocabulary.lists[owner].label.lower()}: {identity})"
