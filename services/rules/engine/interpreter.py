"""Judges one condition by walking its tree: slow, and able to show each step."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rules.engine import kleene
from rules.engine.kleene import FALSE, NOT, TRUE, UNBOUNDED, UNKNOWN
from rules.language.nodes import (
    Compare,
    Count,
    Fall,
    Join,
    Leaf,
    Node,
    Not,
    Quantifier,
    Ref,
    Use,
)
from rules.language.vocabulary import Vocabulary

Units = Mapping[tuple[str, str], tuple[str | None, Node]]
Element = Mapping[str, Any]
Scope = tuple[tuple[int, Element], ...]

TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "equals": lambda value, expected: bool(value == expected),
    "not_equals": lambda value, expected: bool(value != expected),
    "in": lambda value, expected: value in expected,
    "not_in": lambda value, expected: value not in expected,
    "at_least": lambda value, expected: bool(value >= expected),
    "above": lambda value, expected: bool(value > expected),
    "at_most": lambda value, expected: bool(value <= expected),
    "below": lambda value, expected: bool(value < expected),
    "between": lambda value, expected: bool(expected[0] <= value <= expected[1]),
}


class Interpreter:
    """Judges conditions about one subject.

    A scope holds, from the outermost list inwards, the position and content of each element that
    the condition stands in; codes are those of ``kleene``.
    """

    def __init__(
        self,
        units: Units,
        vocabulary: Vocabulary,
        facts: Mapping[str, Any],
        external: Mapping[str, int] | None = None,
        *,
        open_world: bool = False,
    ) -> None:
        """Take rules and definitions by (kind, id), and what is known of the subject.

        With ``open_world``, the question whether an unanswered fact is known counts as undecided,
        because it may yet be answered.
        """
        self.units = units
        self.vocabulary = vocabulary
        self.facts = facts
        self._external = external or {}
        self._open_world = open_world
        self._memo: dict[tuple[str, str, int | None], int] = {}

    def unit(self, key: tuple[str, str], position: int | None = None) -> int:
        """Judge a rule or definition for the whole subject, or for one element of its list."""
        memo = (*key, position)
        if memo not in self._memo:
            self._memo[memo] = self._unit(key, position)
        return self._memo[memo]

    def _unit(self, key: tuple[str, str], position: int | None) -> int:
        if key not in self.units:
            return UNKNOWN
        over, condition = self.units[key]
        if over is None:
            return self.code(condition, ())
        if position is not None:
            return self.code(condition, ((position, self.elements(over)[position]),))
        code = UNKNOWN if self.incomplete(over) else FALSE
        for index in range(len(self.elements(over))):
            code |= self.unit(key, index)
        return code

    def code(self, node: Node, scope: Scope) -> int:
        """Judge a condition."""
        if isinstance(node, Use):
            return self._use(node, scope)
        if isinstance(node, Leaf):
            return self._leaf(node, scope)
        if isinstance(node, Compare):
            left, right = self.value(node.left, scope), self.value(node.right, scope)
            return UNKNOWN if right is None else compare(node.comparison, left, right)
        if isinstance(node, Not):
            return NOT[self.code(node.negated, scope)]
        if isinstance(node, Quantifier):
            return self._quantifier(node, scope)
        codes = [self.code(part, scope) for part in node.children]
        return joined(node, codes)

    def value(self, operand: Ref | Fall, scope: Scope) -> Any:
        """Look up, or compute, what a leaf reads; None is unknown."""
        if isinstance(operand, Fall):
            compute = getattr(kleene, operand.kind)
            return compute(self.value(operand.before, scope), self.value(operand.after, scope))
        if operand.level:
            return scope[operand.level - 1][1].get(operand.name)
        if operand.name in self.vocabulary.lists and self.vocabulary.list(operand.name).recorded:
            return self.elements(operand.name)
        return self.facts.get(operand.name)

    def elements(self, name: str) -> Sequence[Element]:
        """All known elements of a list."""
        return self.facts.get(name) or ()

    def incomplete(self, name: str) -> bool:
        """Whether elements may be missing from a list."""
        entry, elements = self.vocabulary.list(name), self.facts.get(name)
        if elements is None:
            return not entry.recorded
        count = self.facts.get(entry.count) if entry.count else None
        return count is not None and count > len(elements)

    def inner(self, node: Quantifier, scope: Scope) -> list[Scope]:
        """The scopes of all elements that a quantifier visits."""
        outer = scope[: node.level - 1]
        return [(*outer, entry) for entry in enumerate(self.elements(node.list))]

    def matched(self, node: Quantifier, scope: Scope) -> int:
        """How surely the innermost element belongs to the one around it."""
        if node.matching is None:
            return TRUE
        element_link, outer_id = scope[-1][1].get(node.matching), scope[-2][1].get("id")
        return (
            UNKNOWN
            if element_link is None or outer_id is None
            else TRUE
            if element_link == outer_id
            else FALSE
        )

    def _use(self, node: Use, scope: Scope) -> int:
        if node.kind == "external":
            return self._external.get(node.id, UNKNOWN)
        return self.unit(node.unit, scope[node.level - 1][0] if node.level else None)

    def _leaf(self, node: Leaf, scope: Scope) -> int:
        value = self.value(node.operand, scope)
        if node.comparison == "known":
            if value is None and self._open_world:
                return UNKNOWN
            return TRUE if (value is not None) == node.expected else FALSE
        return compare(node.comparison, value, node.expected)

    def _quantifier(self, node: Quantifier, scope: Scope) -> int:
        codes = [
            self.matched(node, inner) & self.code(node.where, inner)
            for inner in self.inner(node, scope)
        ]
        gap = UNKNOWN if self.incomplete(node.list) else FALSE
        if node.kind == "count_of":
            certain = sum(code >> 1 for code in codes)
            possible = sum(code & 1 for code in codes) + gap * UNBOUNDED
            return kleene.counted(certain, possible, node.comparison, node.number)
        if node.kind == "all_of":
            return NOT[self._contradicted(node, scope) | gap]
        code = gap
        for element_code in codes:
            code |= element_code
        return NOT[code] if node.kind == "none_of" else code

    def _contradicted(self, node: Quantifier, scope: Scope) -> int:
        code = FALSE
        for inner in self.inner(node, scope):
            code |= self.matched(node, inner) & NOT[self.code(node.where, inner)]
        return code


def joined(node: Join | Count, codes: Sequence[int]) -> int:
    """Join the codes of a condition's parts."""
    if isinstance(node, Count):
        certain, possible = sum(code >> 1 for code in codes), sum(code & 1 for code in codes)
        return kleene.counted(certain, possible, node.comparison, node.number)
    code = TRUE if node.kind == "all" else FALSE
    for part in codes:
        code = code & part if node.kind == "all" else code | part
    return code


def compare(comparison: str, value: Any, expected: Any) -> int:
    """Hold a value against another; an unknown one leaves the verdict unknown."""
    if value is None:
        return UNKNOWN
    return TRUE if TESTS[comparison](value, expected) else FALSE
