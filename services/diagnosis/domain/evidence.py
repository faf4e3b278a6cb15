"""Which recorded findings a rule rests on, in words."""

from collections.abc import Iterator, Mapping
from typing import Any

from diagnosis.domain.naming import nodule_of_several, value_label
from diagnosis.domain.ruleset import RulesInForce
from diagnosis.domain.values import SPOKEN, UNSPOKEN
from rules import Evaluation

Node = Mapping[str, Any]


def found(rules: RulesInForce, evaluation: Evaluation, rule_id: str) -> list[str]:
    """List the findings that make a rule true, such as ``Fever: yes``.

    Where there are several nodules, a finding about one of them names it.

    Args:
        rules: the rules in force.
        evaluation: their verdicts.
        rule_id: a rule that is true.
    """
    tree, facts = rules.compiled.grounds(evaluation, rule_id), evaluation.facts
    named = {
        nodule["id"]: nodule_of_several(rules, facts, nodule)
        for nodule in facts.get("nodules") or ()
    }
    leaves = _true_leaves(tree, facts, None)
    return list(dict.fromkeys(_in_words(rules, leaf, named.get(about)) for leaf, about in leaves))


def _true_leaves(node: Node, facts: Node, about: str | None) -> Iterator[tuple[Node, str | None]]:
    """Walk what is true, each with the id of the nodule that it is about.

    A negation tells of what was not found, so it is passed over.
    """
    if node["verdict"] is not True or node["op"] in {"not", "known", "none_of"}:
        return
    if "children" not in node:
        for leaf in node.get("compare", [node]):
            yield leaf, about if "item" in leaf else None
        return
    for child in node["children"]:
        inner = _nodule_of(child, node["list"], facts, about) if "list" in node else about
        yield from _true_leaves(child, facts, inner)


def _nodule_of(child: Node, owner: str, facts: Node, about: str | None) -> str | None:
    """Name the nodule that an element of a list is, or belongs to."""
    element = child["element"]
    if owner == "nodules":
        return str(element)
    belongs: str | None = facts[owner][element].get("nodule_id", about)
    return belongs


def _in_words(rules: RulesInForce, leaf: Node, nodule: str | None) -> str:
    label, value = leaf.get("label", ""), leaf.get("value")
    title = f"{label}, {nodule}" if nodule else label
    if isinstance(value, bool):
        return f"{title}: {'yes' if value else 'no'}"
    if isinstance(value, str):
        name = leaf.get("fact") or leaf.get("item") or ""
        return f"{title}: {value_label(rules, name, value)}"
    unit = leaf.get("unit") or ""
    spoken = "" if unit in UNSPOKEN else SPOKEN.get(unit, unit)
    return f"{title}: {value} {spoken}".rstrip()
