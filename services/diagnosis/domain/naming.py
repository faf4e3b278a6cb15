"""Names of facts as people read them, and as the answer spells them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from diagnosis.domain.ruleset import RulesInForce
from rules import general

LIST_SPELLING = "]."
MOST_ELEMENTS = 3  # more of them are not named one by one


def spelled(name: str, facts: Mapping[str, Any]) -> str:
    """Spell a field by its element's own id: ``nodules[0].site`` becomes ``nodules[a].site``."""
    owner, bracket, rest = name.partition("[")
    if not bracket:
        return name
    position, _, field = rest.partition(LIST_SPELLING)
    identity = facts[owner][int(position)].get("id", position)
    return f"{owner}[{identity}].{field}"


def readable(rules: RulesInForce, facts: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    """List facts for the answer, in the vocabulary's order, without those computed here."""
    known = [name for name in names if name.partition("[")[0] not in rules.derived]
    known.sort(key=lambda name: order(rules, name))
    return spelled_together(known, facts)


def spelled_together(names: Sequence[str], facts: Mapping[str, Any]) -> list[str]:
    """Spell facts; a field that several elements lack is named once, as ``nodules[].site``."""
    if not names:
        return []
    lacking = Counter(general(name) for name in names)
    spellings = (
        general(name) if lacking[general(name)] > MOST_ELEMENTS else spelled(name, facts)
        for name in names
    )
    return list(dict.fromkeys(spellings))


def order(rules: RulesInForce, name: str) -> tuple[int, str]:
    """Rank a fact as the vocabulary does."""
    return rules.fact_order.get(general(name), len(rules.fact_order)), name


def nodule_of_several(
    rules: RulesInForce, facts: Mapping[str, Any], nodule: Mapping[str, Any]
) -> str | None:
    """Name a nodule, and where it lies, as ``nodule b (left, sacroiliac line)``.

    None where it is the only one on the list and needs no name.
    """
    if len(facts["nodules"]) == 1:
        return None
    said = {f"nodules[].{field}": nodule[field] for field in ("side", "site") if field in nodule}
    where = dict.fromkeys(value_label(rules, name, value) for name, value in said.items())
    return f"nodule {nodule['id']}" + (f" ({', '.join(where)})" if where else "")


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
