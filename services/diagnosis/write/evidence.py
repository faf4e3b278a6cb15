"""Which recorded findings a rule rests on, in words."""

from collections.abc import Iterator, Mapping
from typing import Any

from diagnosis.write.case import Case
from diagnosis.write.naming import nodule_of_several, value_label
from diagnosis.write.values import unit_in_words

Node = Mapping[str, Any]


def evidence(case: Case, rule_id: str) -> list[str]:
    """List the findings that make a rule true, such as ``Fever: yes``.

    Where there are several nodules, a finding about one of them names it.

    Args:
        case: the judged case.
        rule_id: a rule that is true.
    """
    tree, facts = case.rules.compiled.grounds(case.evaluation, rule_id), case.facts
    named = {nodule["id"]: nodule_of_several(case, nodule) for nodule in facts.get("nodules") or ()}
    leaves = _true_leaves(tree, facts, None)
    return list(dict.fromkeys(_in_words(case, leaf, named.get(about)) for leaf, about in leaves))


def _true_leaves(node: Node, facts: Node, about: str | None) -> Iterator[tuple[Node, str | None]]:
    """Walk what is true, each with the id of the nodule that it is about.

    A negation rests on what was not found, so it is passed over.
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


def _in_words(case: Case, leaf: Node, nodule: str | None) -> str:
    label, value = leaf.get("label", ""), leaf.get("value")
    title = f"{label}, {nodule}" if nodule else label
    if isinstance(value, bool):
        return f"{title}: {case.text('values.yes' if value else 'values.no')}"
    if isinstance(value, str):
        name = leaf.get("fact") or leaf.get("item") or ""
        return f"{title}: {value_label(case.rules, name, value)}"
    unit = unit_in_words(case.sentences, leaf.get("unit"))
    return f"{title}: {value} {unit}".rstrip()
