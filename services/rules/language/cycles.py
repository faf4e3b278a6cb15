"""Finds rules and definitions that wait for each other."""

import graphlib
from collections.abc import Iterable, Iterator

from rules.language.model import Definition, Rule
from rules.language.nodes import Node, Use, walk


def cycles(rules: Iterable[Rule], definitions: Iterable[Definition]) -> Iterator[str]:
    """Name a cycle, if there is one; all versions of a rule count, in force together or not."""
    graph = {("defined", entry.id): _used(entry.condition) for entry in definitions}
    for rule in rules:
        used = [_used(version.condition) for version in rule.versions]
        graph[("rule", rule.id)] = set().union(*used)
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        names = " -> ".join(name for _, name in error.args[1])
        yield f"these need each other's verdict: {names}."


def _used(condition: Node) -> set[tuple[str, str]]:
    return {node.unit for node in walk(condition) if isinstance(node, Use)}
