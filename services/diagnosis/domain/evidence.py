"""Which recorded findings a rule rests on, in words."""

from collections.abc import Iterator, Mapping
from typing import Any

from chassis.knowledge import Evaluation
from diagnosis.domain.ruleset import RulesInForce
from diagnosis.domain.values import SPOKEN, UNSPOKEN

Node = Mapping[str, Any]


def found(rules: RulesInForce, evaluation: Evaluation, rule_id: str) -> list[str]:
    """List the findings that make a rule true, such as ``Fever: yes``.

    Args:
        rules: the rules in force.
        evaluation: their verdicts.
        rule_id: a rule that is true.
    """
    tree = rules.compiled.grounds(evaluation, rule_id)
    return list(dict.fromkeys(_in_words(rules, leaf) for leaf in _true_leaves(tree)))


def _true_leaves(node: Node) -> Iterator[Node]:
    """Walk what is true; a negation tells of what was not found, so it is passed over."""
    if node["verdict"] is not True or node["op"] in {"not", "known", "none_of"}:
        return
    if "children" not in node:
        yield from node.get("compare", [node])
        return
    for child in node["children"]:
        yield from _true_leaves(child)


def _in_words(rules: RulesInForce, leaf: Node) -> str:
    label, value = leaf.get("label", ""), leaf.get("value")
    if isinstance(value, bool):
        return f"{label}: {'yes' if value else 'no'}"
    if isinstance(value, str):
        name = leaf.get("fact") or leaf.get("item") or ""
        labels = {known.code: known.label for known in rules.vocabulary.fact(name).values}
        return f"{label}: {labels.get(value, value)}"
    unit = leaf.get("unit") or ""
    spoken = "" if unit in UNSPOKEN else SPOKEN.get(unit, unit)
    return f"{label}: {value} {spoken}".rstrip()
