"""Whether the cases of a rule stand on both sides of each of its thresholds."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from tools.rules.cases import RuleCase

from rules.engine import kleene
from rules.engine.interpreter import TESTS
from rules.language.model import Knowledge
from rules.language.nodes import Compare, Fall, Leaf, Node, Use, refs, walk

_ORDERED: Final = frozenset({"at_least", "above", "at_most", "below", "between"})
Key = tuple[str, str]


def uncovered_boundaries(
    knowledge: Knowledge, cases: Iterable[RuleCase]
) -> Iterator[tuple[str, str]]:
    """Find thresholds that no case meets, or that every case meets.

    A rule's own thresholds are asked of its own cases; those of a definition, of the cases of
    every rule and definition that rests on it.

    Yields:
        The file of the rule or definition, and a sentence.
    """
    everything = list(cases)
    units = _conditions(knowledge)
    for key, (file, conditions) in units.items():
        given = [case for case in everything if key in _rests_on(case.key, units, key[0])]
        for condition in conditions:
            for sentence in _missing(condition, given):
                yield file, sentence


def _conditions(knowledge: Knowledge) -> dict[Key, tuple[str, list[Node]]]:
    units: dict[Key, tuple[str, list[Node]]] = {
        ("defined", name): (entry.file, [entry.condition])
        for name, entry in knowledge.definitions.items()
    }
    for name, rule in knowledge.rules.items():
        versions = rule.versions if rule.status != "draft" else ()
        units["rule", name] = (rule.file, [version.condition for version in versions])
    return units


def _rests_on(key: Key, units: Mapping[Key, tuple[str, list[Node]]], kind: str) -> set[Key]:
    """Name what a rule or definition rests on; for a rule's own thresholds only itself."""
    reached, waiting = {key}, [key] if kind == "defined" else []
    while waiting:
        for condition in units.get(waiting.pop(), ("", []))[1]:
            used = {part.unit for part in walk(condition) if isinstance(part, Use)}
            waiting += used - reached
            reached |= used
    return reached


def _missing(condition: Node, cases: Iterable[RuleCase]) -> Iterator[str]:
    given = [case.facts for case in cases]
    for node in walk(condition):
        if not isinstance(node, Compare | Leaf) or node.comparison not in _ORDERED:
            continue
        met = {answer for facts in given for answer in _answers(node, facts)}
        lacking = {True: "meets", False: "misses"}
        for answer in sorted(lacking.keys() - met):
            yield f"no case {lacking[answer]} the threshold: {_described(node)}."


def _answers(node: Compare | Leaf, facts: Mapping[str, Any]) -> Iterator[bool]:
    """Hold what a case records against the threshold, for every element of a list."""
    for pair in _values(node, facts):
        if None not in pair:
            yield TESTS[node.comparison](*pair)


def _values(node: Compare | Leaf, facts: Mapping[str, Any]) -> Iterator[tuple[Any, Any]]:
    operands = refs(node)
    owner = next((ref.list for ref in operands if ref.level), None)
    elements: Iterable[Mapping[str, Any]] = (facts.get(owner) or ()) if owner else ({},)
    for element in elements:
        values = [(element if ref.level else facts).get(ref.name) for ref in operands]
        if isinstance(node, Compare):
            yield values[0], values[1]
        elif isinstance(node.operand, Fall):
            yield getattr(kleene, node.operand.kind)(*values), node.expected
        else:
            yield values[0], node.expected


def _described(node: Compare | Leaf) -> str:
    names = " and ".join(ref.full_name for ref in refs(node))
    return f"{names} {node.comparison} {'' if isinstance(node, Compare) else node.expected}".strip()
