"""Finds conditions that no plausible value can make true, or none can make false."""

from collections.abc import Iterator, Sequence
from typing import Any

from rules.engine.interpreter import TESTS
from rules.language.facts import Fact
from rules.language.nodes import Join, Leaf, Node, Not, Ref, children
from rules.language.vocabulary import Vocabulary
from rules.what_if.queries import representatives

Claim = tuple[Leaf, bool]  # a leaf, and whether it is claimed to be true


def constant_conditions(condition: Node, vocabulary: Vocabulary) -> Iterator[str]:
    """Say which parts of a condition can never be true, or never false, for known values."""
    yield from _constant_leaf(condition, vocabulary)
    if isinstance(condition, Join):
        for name, claims in _by_fact(condition):
            fact = _fact(claims[0][0], vocabulary)
            if len(claims) > 1 and fact and not _possible(fact, claims):
                never = "true" if condition.kind == "all" else "false"
                yield f"what is asked of {name} can never be {never} at once"
    for part in children(condition):
        yield from constant_conditions(part, vocabulary)


def _constant_leaf(node: Node, vocabulary: Vocabulary) -> Iterator[str]:
    fact = _fact(node, vocabulary)
    if not isinstance(node, Leaf) or fact is None or node.comparison == "known":
        return
    answers = {
        TESTS[node.comparison](value, node.expected) for value in values(fact, [(node, True)])
    }
    if len(answers) == 1:
        answer = "always true" if answers.pop() else "never true"
        asked = f"{fact.name} {node.comparison} {_described(node.expected)}"
        yield f"{asked} is {answer} in its plausible range"
        return
    for number in node.expected if isinstance(node.expected, tuple) else (node.expected,):
        if fact.numeric and not _plausible(number, fact):
            yield f"{fact.name} is never {number} in its plausible range"


def values(fact: Fact, claims: Sequence[Claim]) -> list[Any]:
    """List values of a fact, one for each way in which the leaves can come out."""
    if fact.type == "boolean":
        return [True, False]
    return representatives([leaf for leaf, _ in claims], fact) if fact.numeric else list(fact.codes)


def _by_fact(join: Join) -> list[tuple[str, list[Claim]]]:
    """Group the leaves that an ``all`` claims, or an ``any`` denies, by what they read."""
    groups: dict[Ref, list[Claim]] = {}
    for leaf, claimed in _claims(join, join.kind, truth=join.kind == "all"):
        if isinstance(leaf.operand, Ref) and leaf.comparison != "known":
            groups.setdefault(leaf.operand, []).append((leaf, claimed))
    return [(ref.full_name, claims) for ref, claims in groups.items()]


def _claims(node: Node, kind: str, *, truth: bool) -> Iterator[Claim]:
    """Visit the leaves that must all hold together: through nested joins of one kind, and not."""
    if isinstance(node, Leaf):
        yield node, truth
    elif isinstance(node, Not):
        yield from _claims(node.negated, "any" if kind == "all" else "all", truth=not truth)
    elif isinstance(node, Join) and node.kind == kind:
        for part in node.children:
            yield from _claims(part, kind, truth=truth)


def _possible(fact: Fact, claims: Sequence[Claim]) -> bool:
    return any(_holds(value, claims) for value in values(fact, claims))


def _holds(value: Any, claims: Sequence[Claim]) -> bool:
    return all(TESTS[leaf.comparison](value, leaf.expected) == claimed for leaf, claimed in claims)


def _fact(node: Node, vocabulary: Vocabulary) -> Fact | None:
    if not isinstance(node, Leaf) or not isinstance(node.operand, Ref):
        return None
    name = node.operand.full_name
    fact = None if name in vocabulary.lists else vocabulary.fact(name)
    return fact if fact and (fact.numeric or fact.codes or fact.type == "boolean") else None


def _plausible(number: float, fact: Fact) -> bool:
    low = fact.minimum is None or fact.minimum <= number
    return low and (fact.maximum is None or number <= fact.maximum)


def _described(expected: Any) -> str:
    return ", ".join(map(str, expected)) if isinstance(expected, tuple) else str(expected)
