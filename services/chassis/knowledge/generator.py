"""Writes the Python source that judges all rules in force in one call."""

import dataclasses
import re
from collections.abc import Iterable, Sequence
from typing import Any

from chassis.knowledge.kleene import FALSE, TRUE, UNBOUNDED, UNKNOWN
from chassis.knowledge.nodes import (
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
    levels,
)
from chassis.knowledge.schedule import Key, Step, Unit, whole
from chassis.knowledge.vocabulary import Vocabulary

_SIGN = {
    "at_least": ">=",
    "above": ">",
    "at_most": "<=",
    "below": "<",
    "equals": "==",
    "not_equals": "!=",
    "in": "in",
    "not_in": "not in",
}
_EMPTY = {"any_of": FALSE, "all_of": TRUE, "none_of": FALSE}
_NAME = re.compile(r"\b[a-z]\d+\b")


@dataclasses.dataclass
class Statement:
    """Some lines, the variables that they set, and those of other statements that they use."""

    targets: tuple[str, ...]
    lines: tuple[str, ...]
    uses: frozenset[str] = frozenset()
    fact: str | None = None


class _Block:
    """The lines of one nesting level, and the variable of what was judged there already."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.memo: dict[Any, str] = {}


class Generator:
    """Turns steps into statements.

    Attributes:
        statements: in order; each variable is set once.
        places: unit -> variable of its verdict for the whole subject.
        rows: unit -> (variable of a list of rows, position in a row), if judged per element.
        atoms: leaf -> variable, for the whole subject.
        spots: id of a condition -> where its verdict is kept: a variable, or a row and position.
        constants: names that the source uses for what cannot be spelled in it.
    """

    def __init__(self, vocabulary: Vocabulary, *, still_open: bool = False) -> None:
        """Start with an empty program.

        With ``still_open``, the question whether an unanswered fact is known counts as undecided,
        and the verdict of every condition about one element is kept.
        """
        self.vocabulary = vocabulary
        self.still_open = still_open
        self.statements: list[Statement] = []
        self.places: dict[Key, str] = {}
        self.rows: dict[Any, tuple[str, int]] = {}
        self.atoms: dict[Node, str] = {}
        self.constants: dict[str, Any] = {}
        self.spots: dict[int, str | tuple[str, int]] = {}
        self._inside: list[tuple[int, str]] = []
        self._blocks: dict[int, _Block] = {0: _Block()}
        self._names = 0
        self._lists: dict[str, tuple[str, str]] = {}

    def run(self, steps: Iterable[Step]) -> None:
        """Write statements for all steps."""
        for step in steps:
            if step.over:
                self._pass(step.over, step.units)
            else:
                for unit in step.units:
                    name = self._node(unit.condition)
                    known = name.isidentifier()  # a rule that is not in force is a mere number
                    self.places[unit.key] = (
                        name if known else self._set(0, "u", name, ("unit", unit.key))
                    )

    def _name(self, letter: str) -> str:
        self._names += 1
        return f"{letter}{self._names}"

    def _state(self, targets: Sequence[str], lines: Sequence[str], fact: str | None = None) -> None:
        used = frozenset(name for line in lines for name in _NAME.findall(line))
        self.statements.append(Statement(tuple(targets), tuple(lines), used - set(targets), fact))

    def _set(
        self, level: int, letter: str, expression: str, key: Any, fact: str | None = None
    ) -> str:
        """Write one assignment at a nesting level and remember what it holds."""
        name = self._name(letter)
        block = self._blocks[level]
        block.memo[key] = name
        if level:
            block.lines.append(f"{name} = {expression}")
        else:
            self._state((name,), (f"{name} = {expression}",), fact)
        return name

    def _constant(self, value: Any) -> str:
        """Spell a value from a rule; what is not a plain literal gets a name."""
        if isinstance(value, bool | int | float | str):
            return repr(value)
        name = f"K{len(self.constants)}"
        self.constants[name] = frozenset(value)
        return name

    # One pass over a list

    def _pass(self, over: str, units: Sequence[Unit]) -> None:
        elements, gap = self._list(over)
        block = self._blocks[1] = _Block()
        self._inside = []
        rows = self._name("r")
        for position, unit in enumerate(units):
            block.memo[unit.key] = self._node(unit.condition)
            self.rows[unit.key] = rows, position
        folds = [_Fold(unit, self._name("q"), gap) for unit in units]
        names = [block.memo[unit.key] for unit in units]
        row = names + self._kept(block, names)
        if self.still_open:
            self.spots |= {spot: (rows, row.index(name)) for spot, name in self._inside}
        lines = [line for fold in folds for line in fold.before()]
        lines += [f"{rows} = []", f"for i1, x1 in enumerate({elements}):"]
        lines += [f"    {line}" for line in block.lines]
        lines += [
            f"    {line}"
            for fold, name in zip(folds, names, strict=True)
            for line in fold.inside(name)
        ]
        lines += [f"    {rows}.append(({', '.join(row)},))"]
        lines += [line for fold in folds for line in fold.after()]
        self._state([rows, *(fold.name for fold in folds)], lines)
        self.places.update({unit.key: fold.name for unit, fold in zip(units, folds, strict=True)})
        del self._blocks[1]

    def _kept(self, block: _Block, names: Sequence[str]) -> list[str]:
        """Name what a row keeps besides the units: the leaves, or everything that is asked for."""
        if self.still_open:
            return [name for name in dict.fromkeys(n for _, n in self._inside) if name not in names]
        return [name for node, name in block.memo.items() if isinstance(node, Leaf | Compare)]

    def _list(self, name: str) -> tuple[str, str]:
        """Load a list and whether elements may be missing from it."""
        if name not in self._lists:
            entry = self.vocabulary.list(name)
            elements, gap = self._name("l"), self._name("g")
            absent = FALSE if entry.recorded else UNKNOWN
            lines = [f"{elements} = get({name!r})", f"{gap} = {FALSE}", f"if {elements} is None:"]
            lines += [f"    {elements} = ()", f"    {gap} = {absent}"]
            if entry.count:
                counter = self._ref(Ref(entry.count))
                lines += [
                    f"elif {counter} is not None and {counter} > len({elements}):",
                    f"    {gap} = {UNKNOWN}",
                ]
            self._state((elements, gap), lines, name)
            self._lists[name] = elements, gap
        return self._lists[name]

    # Conditions

    def _node(self, node: Node) -> str:
        """Write what a condition needs and name the variable that holds its verdict."""
        level = max(levels(node), default=0)
        name = self._written(node, level)
        if level == 1:
            self._inside.append((id(node), name))
        elif level == 0 and name.isidentifier():
            self.spots[id(node)] = name
        return name

    def _written(self, node: Node, level: int) -> str:
        if isinstance(node, Use):
            return self._use(node)
        if whole(node):
            return self.places[node]  # type: ignore[index]
        if node in self._blocks[level].memo:
            return self._blocks[level].memo[node]
        if isinstance(node, Quantifier):
            return self._nested(node, level)
        letter = "a" if isinstance(node, Leaf | Compare) else "n"
        name = self._set(level, letter, self._expression(node), node)
        if letter == "a" and not level:
            self.atoms[node] = name
        return name

    def _use(self, node: Use) -> str:
        if node.kind == "external":
            key = ("external", node.id)
            return self._blocks[0].memo.get(key) or self._set(
                0, "o", f"outside({node.id!r}, {UNKNOWN})", key, f"rule {node.id}"
            )
        if node.level and node.unit in self.rows:
            own = self._blocks[node.level].memo.get(node.unit) if node.level == 1 else None
            rows, position = self.rows[node.unit]
            return own or f"{rows}[i{node.level}][{position}]"
        return self.places.get(node.unit, str(UNKNOWN))  # not in force: nothing is known of it

    def _expression(self, node: Node) -> str:
        if isinstance(node, Leaf):
            return self._leaf(node)
        if isinstance(node, Compare):
            left, right = self._ref(node.left), self._ref(node.right)
            test = f"{left} {_SIGN[node.comparison]} {right}"
            return (
                f"{UNKNOWN} if {left} is None or {right} is None else {TRUE} if {test} else {FALSE}"
            )
        if isinstance(node, Not):
            return f"NOT[{self._node(node.part)}]"
        names = [self._node(part) for part in node.parts]  # type: ignore[union-attr]
        if isinstance(node, Count):
            certain = " + ".join(f"({name} >> 1)" for name in names)
            possible = " + ".join(f"({name} & 1)" for name in names)
            return f"counted({certain}, {possible}, {node.comparison!r}, {node.number})"
        return (" & " if isinstance(node, Join) and node.kind == "all" else " | ").join(names)

    def _leaf(self, node: Leaf) -> str:
        operand, expected = node.operand, node.expected
        if node.comparison == "known":
            return self._known(operand, TRUE if expected else FALSE)
        value = self._value(operand)
        if isinstance(expected, bool):
            yes, no = (TRUE, FALSE) if expected is (node.comparison == "equals") else (FALSE, TRUE)
            return f"{yes} if {value} is True else {UNKNOWN} if {value} is None else {no}"
        return f"{UNKNOWN} if {value} is None else {TRUE} if {self._test(value, node)} else {FALSE}"

    def _known(self, operand: Ref | Fall, answered: int) -> str:
        lists = self.vocabulary.lists
        if isinstance(operand, Ref) and operand.name in lists and lists[operand.name].recorded:
            return str(answered)  # an absent list means that nothing happened
        unanswered = UNKNOWN if self.still_open else TRUE - answered
        return f"{unanswered} if {self._value(operand)} is None else {answered}"

    def _test(self, value: str, node: Leaf) -> str:
        if node.comparison == "between":
            low, high = node.expected
            return f"{low!r} <= {value} <= {high!r}"
        return f"{value} {_SIGN[node.comparison]} {self._constant(node.expected)}"

    def _ref(self, ref: Ref) -> str:
        known = self._blocks[ref.level].memo.get(ref)
        if known:
            return known
        if ref.level:
            return self._set(ref.level, "v", f"x{ref.level}.get({ref.name!r})", ref)
        return self._set(0, "f", f"get({ref.name!r})", ref, ref.name)

    def _value(self, operand: Ref | Fall) -> str:
        """Write the look-up, or the computation, of what a leaf reads."""
        if isinstance(operand, Ref):
            return self._ref(operand)
        fall = operand
        level = max(fall.before.level, fall.after.level)
        known = self._blocks[level].memo.get(fall)
        return known or self._set(
            level, "v", f"{fall.kind}({self._ref(fall.before)}, {self._ref(fall.after)})", fall
        )

    # A quantifier that needs an outer element

    def _nested(self, node: Quantifier, level: int) -> str:
        """Write a loop inside the loop of the outer element."""
        elements, gap = self._list(node.list)
        outer = dict(self._blocks)
        matched = self._matched(node)
        inner = _Block()
        self._blocks = {depth: block for depth, block in outer.items() if depth <= level} | {
            node.level: inner
        }
        verdict = self._node(node.where)
        self._blocks = outer
        fold = _Fold(Unit(node, node.list, node.where), self._name("q"), gap)
        lines = [*fold.before(), f"for i{node.level}, x{node.level} in enumerate({elements}):"]
        inside = [*matched, *inner.lines, *fold.inside(verdict, "m" if node.matching else None)]
        block = outer[level]
        block.lines += [*lines, *(f"    {line}" for line in inside), *fold.after()]
        block.memo[node] = fold.name
        return fold.name

    def _matched(self, node: Quantifier) -> list[str]:
        """Write how surely the inner element belongs to the outer one, as ``m``."""
        if not node.matching:
            return []
        owner = self._ref(Ref("id", node.level - 1, "outer"))
        return [
            f"m = x{node.level}.get({node.matching!r})",
            f"m = {UNKNOWN} if m is None or {owner} is None else m == {owner} and {TRUE}",
        ]


@dataclasses.dataclass
class _Fold:
    """How the verdicts of the elements become one."""

    unit: Unit
    name: str
    gap: str

    @property
    def kind(self) -> str:
        return self.unit.key.kind if isinstance(self.unit.key, Quantifier) else "any_of"

    def before(self) -> list[str]:
        """Start as an empty list would be judged, or unknown when elements are missing."""
        if self.kind == "count_of":
            return [f"{self.name} = 0", f"{self.name}_p = {UNBOUNDED} if {self.gap} else 0"]
        return [f"{self.name} = {UNKNOWN} if {self.gap} else {_EMPTY[self.kind]}"]

    def inside(self, verdict: str, matched: str | None = None) -> list[str]:
        """Add one element's verdict."""
        if self.kind == "all_of":
            return [f"{self.name} &= {f'(NOT[{matched}] | {verdict})' if matched else verdict}"]
        verdict = f"({matched} & {verdict})" if matched else verdict
        if self.kind == "count_of":
            return [f"{self.name} += {verdict} >> 1", f"{self.name}_p += {verdict} & 1"]
        return [f"{self.name} |= {verdict}"]

    def after(self) -> list[str]:
        """Finish when all elements are in."""
        if self.kind == "none_of":
            return [f"{self.name} = NOT[{self.name}]"]
        key = self.unit.key
        if self.kind == "count_of" and isinstance(key, Quantifier):
            bounds = f"{self.name}, {self.name}_p"
            return [f"{self.name} = counted({bounds}, {key.comparison!r}, {key.number})"]
        return []
