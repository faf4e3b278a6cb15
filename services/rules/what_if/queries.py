"""Answers which facts a verdict rests on, and which values could change it."""

import functools
import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rules.engine.interpreter import Units
from rules.language.fact_paths import general
from rules.language.facts import Fact
from rules.language.nodes import (
    Compare,
    Fall,
    Leaf,
    Quantifier,
    Ref,
    Use,
    refs,
    walk,
)
from rules.language.vocabulary import Vocabulary

Cut = tuple[float, int]  # a place on the number line: just before (0) or just after (1) the number


class Queries:
    """Looks into rules and definitions without judging anybody."""

    def __init__(self, units: Units, vocabulary: Vocabulary) -> None:
        """Take rules and definitions by (kind, id)."""
        self._units = units
        self._vocabulary = vocabulary
        self.facts_of = functools.cache(self._facts_of)
        self.comparisons = functools.cache(self._comparisons)
        self._fixed = functools.cache(self._representatives)

    def _facts_of(self, key: tuple[str, str]) -> frozenset[str]:
        """Name all facts that a rule or definition reads, those of what it builds on included."""
        if key not in self._units:
            return frozenset()
        over, condition = self._units[key]
        names = {over} if over else set()
        for node in walk(condition):
            names |= {ref.full_name for ref in refs(node)}
            if isinstance(node, Quantifier):
                names |= self._quantified(node)
            elif isinstance(node, Use) and node.kind != "external":
                names |= self.facts_of(node.unit)
        counts = {
            self._vocabulary.list(name).count for name in names if name in self._vocabulary.lists
        }
        return frozenset(name for name in names | counts if name)

    @staticmethod
    def _quantified(node: Quantifier) -> set[str]:
        return {node.list} | ({f"{node.list}[].{node.matching}"} if node.matching else set())

    def _comparisons(self, name: str) -> tuple[Leaf | Compare, ...]:
        """Find every leaf that reads a fact."""
        leaves = (node for _, condition in self._units.values() for node in walk(condition))
        return tuple(
            dict.fromkeys(
                node for node in leaves if isinstance(node, Leaf | Compare) and _reads(node, name)
            )
        )

    def completions(self, name: str, facts: Mapping[str, Any]) -> list[Any]:
        """List values that an unknown fact could take, one for each way it could matter.

        Both answers of a yes-or-no fact, every coded value, and one plausible number from each
        interval between the places where some condition changes its verdict; a condition that
        holds two facts against each other counts once the other one is in ``facts``.
        """
        picked = self._fixed(general(name))
        return list(picked) if picked is not None else self._relative(name, facts)

    def _representatives(self, name: str) -> tuple[Any, ...] | None:
        """List the values of a fact that is compared with no other; None if it is."""
        fact = self._vocabulary.fact(name)
        if fact.type == "boolean":
            return True, False
        if not fact.numeric:
            return fact.codes
        leaves = self.comparisons(name)
        alone = [
            leaf for leaf in leaves if isinstance(leaf, Leaf) and isinstance(leaf.operand, Ref)
        ]
        return tuple(representatives(alone, fact)) if len(alone) == len(leaves) else None

    def _relative(self, name: str, facts: Mapping[str, Any]) -> list[Any]:
        """List the values of a fact that is held against others, as far as they are known."""
        own = _element(name, facts)
        cuts: set[Cut] = set()
        for leaf in self.comparisons(general(name)):
            cuts |= _places(leaf, general(name), facts, own)
        return _picked(sorted(cuts), self._vocabulary.fact(name))


def _reads(node: Leaf | Compare, name: str) -> bool:
    return any(ref.full_name == name for ref in refs(node))


def _element(name: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:
    owner, _, rest = name.partition("[")
    position = rest.partition("]")[0]
    return dict(facts[owner][int(position)]) if position else {}


def _places(
    leaf: Leaf | Compare, name: str, facts: Mapping[str, Any], own: Mapping[str, Any]
) -> set[Cut]:
    """Find where on a fact's number line a leaf changes its verdict."""
    if isinstance(leaf, Leaf) and isinstance(leaf.operand, Ref):
        return set(_cuts(leaf.comparison, leaf.expected))
    first, second = refs(leaf)
    is_first = first.full_name == name
    other = second if is_first else first
    value = own.get(other.name) if other.level else facts.get(other.name)
    if value is None:
        return set()
    if isinstance(leaf, Compare):
        return {(value, 0), (value, 1)}
    return {(place, end) for place in _fall_places(leaf, value, before=is_first) for end in (0, 1)}


def _fall_places(leaf: Leaf, value: float, *, before: bool) -> Iterator[float]:
    """Solve a fall for the value that is asked for, the other one being known."""
    in_percent = isinstance(leaf.operand, Fall) and leaf.operand.kind == "fall_percent"
    for fall, _ in _cuts(leaf.comparison, leaf.expected):
        if not in_percent:
            yield value + fall if before else value - fall
        elif not before:
            yield value * (100 - fall) / 100
        elif fall != 100:  # noqa: PLR2004 - per cent
            yield value * 100 / (100 - fall)


def _cuts(comparison: str, expected: Any) -> Iterator[Cut]:
    if comparison in {"at_least", "below"}:
        yield expected, 0
    elif comparison in {"above", "at_most"}:
        yield expected, 1
    elif comparison == "between":
        yield from ((expected[0], 0), (expected[1], 1))
    elif comparison != "known":
        for value in expected if isinstance(expected, tuple) else (expected,):
            yield from ((value, 0), (value, 1))


def representatives(leaves: Iterable[Leaf], fact: Fact) -> list[float]:
    """List numbers of a fact's plausible range, one for each way the leaves can come out."""
    cuts = {cut for leaf in leaves for cut in _cuts(leaf.comparison, leaf.expected)}
    return _picked(sorted(cuts), fact)


def _picked(cuts: list[Cut], fact: Fact) -> list[float]:
    """Pick one number from each interval, inside the plausible range."""
    low = (
        fact.minimum
        if fact.minimum is not None
        else min((place for place, _ in cuts), default=0) - fact.step
    )
    high = (
        fact.maximum
        if fact.maximum is not None
        else max((place for place, _ in cuts), default=0) + fact.step
    )
    ends: list[Cut] = [(low, 0), *(cut for cut in cuts if (low, 0) < cut < (high, 1)), (high, 1)]
    picked = [_between(left, right, fact) for left, right in itertools.pairwise(ends)]
    return [number for number in picked if number is not None]


def _between(left: Cut, right: Cut, fact: Fact) -> float | None:
    """Pick a number after one cut and before the next, the nearest that the fact can take."""
    if fact.type == "number":
        inside = (
            left[0] if left[1] == 0 else right[0] if right[1] == 1 else (left[0] + right[0]) / 2
        )
        return inside if left[0] < right[0] or left[1] < right[1] else None
    number = int(left[0] // 1) + (left[0] % 1 != 0 or left[1] == 1)
    return number if (left <= (number, 0)) and (number, 1) <= right else None
