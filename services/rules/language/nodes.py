"""Conditions as trees: what a rule's ``[when]`` becomes after reading."""

import dataclasses
from collections.abc import Iterator
from typing import Any, Literal

COMPARISONS = (
    "equals",
    "not_equals",
    "in",
    "not_in",
    "at_least",
    "above",
    "at_most",
    "below",
    "between",
    "known",
)
COUNTS = ("at_least", "at_most", "exactly")


@dataclasses.dataclass(frozen=True)
class Ref:
    """A value: of the whole subject (level 0) or of the element at that depth of nesting."""

    name: str
    level: int = 0
    list: str | None = None

    @property
    def full_name(self) -> str:
        """The engine's name, list included."""
        return f"{self.list}[].{self.name}" if self.list else self.name


@dataclasses.dataclass(frozen=True)
class Fall:
    """What is computed from two values: the fall in percent or in points."""

    kind: Literal["fall_percent", "fall_points"]
    before: Ref
    after: Ref


@dataclasses.dataclass(frozen=True)
class Leaf:
    """One value, or a fall, held against what was written in the rule."""

    operand: Ref | Fall
    comparison: str
    expected: Any


@dataclasses.dataclass(frozen=True)
class Compare:
    """Two values held against each other."""

    left: Ref
    right: Ref
    comparison: str


@dataclasses.dataclass(frozen=True)
class Join:
    """``all`` or ``any`` of several conditions."""

    kind: Literal["all", "any"]
    children: tuple["Node", ...]


@dataclasses.dataclass(frozen=True)
class Not:
    """The opposite of a condition."""

    negated: "Node"


@dataclasses.dataclass(frozen=True)
class Count:
    """How many of several conditions are true."""

    children: tuple["Node", ...]
    comparison: str
    number: int


@dataclasses.dataclass(frozen=True)
class Quantifier:
    """A condition on the elements of a list; ``level`` is the depth of its own element."""

    kind: Literal["any_of", "all_of", "none_of", "count_of"]
    list: str
    where: "Node"
    level: int
    matching: str | None = None
    comparison: str = "at_least"
    number: int = 1


@dataclasses.dataclass(frozen=True)
class Use:
    """The verdict of a rule, a definition or an outside rule; level 0 is the whole subject's."""

    kind: Literal["rule", "defined", "external"]
    id: str
    level: int = 0

    @property
    def unit(self) -> tuple[str, str]:
        """Which rule or definition is meant."""
        return self.kind, self.id


Node = Leaf | Compare | Join | Not | Count | Quantifier | Use


def children(node: Node) -> tuple[Node, ...]:
    """Name the conditions directly inside a condition."""
    if isinstance(node, Join | Count):
        return node.children
    if isinstance(node, Not):
        return (node.negated,)
    return (node.where,) if isinstance(node, Quantifier) else ()


def walk(node: Node) -> Iterator[Node]:
    """Visit a condition and everything inside it."""
    yield node
    for part in children(node):
        yield from walk(part)


def refs(node: Node) -> tuple[Ref, ...]:
    """Name the values that a leaf reads."""
    if isinstance(node, Compare):
        return node.left, node.right
    if not isinstance(node, Leaf):
        return ()
    operand = node.operand
    return (operand,) if isinstance(operand, Ref) else (operand.before, operand.after)


def levels(node: Node) -> frozenset[int]:
    """Tell which elements, by depth, a condition needs from outside itself."""
    outer_levels = {ref.level for ref in refs(node)}
    if isinstance(node, Use):
        outer_levels.add(node.level)
    for part in children(node):
        outer_levels |= levels(part)
    if isinstance(node, Quantifier):
        outer_levels.discard(node.level)
        if node.matching:
            outer_levels.add(node.level - 1)
    return frozenset(outer_levels - {0})


def lifted(node: Any, by: int) -> Any:
    """Rewrite a condition that needs no outer element as if it stood ``by`` levels further out."""
    if isinstance(node, tuple):
        return tuple(lifted(part, by) for part in node)
    if not dataclasses.is_dataclass(node) or isinstance(node, type):
        return node
    if isinstance(node, Quantifier) and node.level <= by:
        return node  # it needs no outer element either, and was rewritten before
    changes = {
        field.name: lifted(getattr(node, field.name), by) for field in dataclasses.fields(node)
    }
    level = changes.get("level", 0)
    return dataclasses.replace(node, **{**changes, "level": level - by} if level else changes)
