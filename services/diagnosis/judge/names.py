"""Names of facts as an answer spells them: an element by its own id, not by its position."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from diagnosis.judge.ruleset import RulesInForce
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


def readable(rules: RulesInForce, facts: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    """List facts for the answer, in the vocabulary's order, without those computed here."""
    known = [name for name in names if name.partition("[")[0] not in rules.derived]
    known.sort(key=lambda name: order(rules, name))
    return spelled_together(known, facts)


def order(rules: RulesInForce, name: str) -> tuple[int, str]:
    """Rank a fact as the vocabulary does."""
    return rules.fact_order.get(general(name), len(rules.fact_order)), name
