"""Which recorded findings a rule that is true rests on."""

from collections.abc import Iterator, Mapping
from typing import Any

from diagnosis.judge.ruleset import RulesInForce
from rules import Evaluation

Node = Mapping[str, Any]
NEGATIONS = frozenset({"not", "known", "none_of"})  # they rest on what was not found


def grounds(rules: RulesInForce, evaluation: Evaluation, rule_id: str) -> tuple[str, ...]:
    """List the facts that make a rule true, each spelled by the id of its element.

    Args:
        rules: the rules in force.
        evaluation: their verdicts.
        rule_id: a rule that is true.
    """
    tree = rules.compiled.grounds(evaluation, rule_id)
    found: dict[str, None] = {}
    for name in _names(tree, {}):
        if name.partition("[")[0] not in rules.derived:
            found[name] = None
            found.update(dict.fromkeys(_numbers(rules, evaluation, rule_id, name)))
    return tuple(found)


def _numbers(rules: RulesInForce, evaluation: Evaluation, rule_id: str, name: str) -> Iterator[str]:
    """Name the numbers that the rule reads of the same element, as the size of what was found."""
    owner, of_list, rest = name.partition("[")
    if not of_list:
        return
    identity = rest.partition("].")[0]
    read = rules.compiled.facts_of(rule_id)
    for at, element in enumerate(evaluation.facts.get(owner, ())):
        if str(element.get("id", at)) == identity:
            for field, fact in rules.vocabulary.list(owner).fields.items():
                if fact.numeric and field in element and f"{owner}[].{field}" in read:
                    yield f"{owner}[{identity}].{field}"


def _names(node: Node, elements: Mapping[str, Any]) -> Iterator[str]:
    if node["verdict"] is not True or node["op"] in NEGATIONS:
        return
    if "children" not in node:
        for leaf in node.get("compare", [node]):
            name = leaf.get("fact") or leaf.get("item")
            if name:
                yield _spelled(name, elements)
        return
    for child in node["children"]:
        inner = {**elements, node["list"]: child["element"]} if "list" in node else elements
        yield from _names(child, inner)


def _spelled(name: str, elements: Mapping[str, Any]) -> str:
    owner, of_list, field = name.partition("[].")
    return f"{owner}[{elements.get(owner, '')}].{field}" if of_list else name
