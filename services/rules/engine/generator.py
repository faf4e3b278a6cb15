"""Write the Python source that judges all rules in force in one call."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeGuard

from rules.engine.kleene import FALSE, TRUE, UNKNOWN
from rules.engine.schedule import Key, Step, Unit, whole
from rules.engine.statements import Fold, Pass, Statement, begin, loop
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
    levels,
    walk,
)
from rules.language.vocabulary import Vocabulary

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


class _Block:
    """What one nesting level computes, and the variable of what was judged there already."""

    def __init__(self) -> None:
        self.body: list[Statement] = []
        self.memo: dict[Any, str] = {}


class Generator:
    """Turns steps into statements.

    Attributes:
        statements: in order; each variable is set once.
        places: unit -> variable of its verdict for the whole subject.
        rows: unit -> (variable of a list of rows, position in a row), if judged per element.
        condition_places: id of a condition -> where its verdict is kept: a variable, or a row and
            a position in it.
        constants: names that the source uses for what cannot be spelled in it.
        aliases: alias of a verdict -> its variable, if verdicts have aliases.
    """

    def __init__(
        self, vocabulary: Vocabulary, *, open_world: bool = False, aliased: bool = False
    ) -> None:
        """Start with an empty program.

        With ``open_world``, the question whether an unanswered fact is known counts as undecided,
        and the verdict of every condition about one element is kept. With ``aliased``, whoever
        uses a rule or definition about the whole subject reads an alias of its verdict, which
        stands for it and for no other condition of the same content.
        """
        self.vocabulary = vocabulary
        self.open_world = open_world
        self.aliases: dict[str, str] = {}
        self._aliased = aliased
        self.statements: list[Statement | Pass] = []
        self.places: dict[Key, str] = {}
        self.rows: dict[Any, tuple[str, int]] = {}
        self.constants: dict[str, Any] = {}
        self.condition_places: dict[int, str | tuple[str, int]] = {}
        self._inside: list[tuple[int, str]] = []
        self._blocks: dict[int, _Block] = {0: _Block()}
        self._nearby: list[Quantifier] = []
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
                        self._plain(name) if known else self._set(0, "u", name, ("unit", unit.key))
                    )
                    if self._aliased:
                        self._set_alias(self.places[unit.key])

    def _set_alias(self, name: str) -> None:
        """Write the alias of a verdict, once."""
        alias = _alias(name)
        if alias not in self.aliases:
            self.aliases[alias] = name
            self.statements.append(Statement((alias,), (f"{alias} = {name}",)))

    def _plain(self, name: str) -> str:
        """Name what an alias stands for."""
        return self.aliases.get(name, name)

    def _name(self, prefix: str) -> str:
        self._names += 1
        return f"{prefix}{self._names}"

    def _set(
        self, level: int, prefix: str, expression: str, key: Any, reads: str | None = None
    ) -> str:
        """Write one assignment at a nesting level and remember what it holds."""
        name = self._name(prefix)
        block = self._blocks[level]
        block.memo[key] = name
        body = block.body if level else self.statements
        body.append(Statement((name,), (f"{name} = {expression}",), reads))
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
        self._nearby = [node for unit in units for node in walk(unit.condition) if _alone(node)]
        rows = self._name("r")
        for position, unit in enumerate(units):
            block.memo[unit.key] = self._node(unit.condition)
            self.rows[unit.key] = rows, position
        folds = tuple(Fold(unit.key, self._name("q"), gap) for unit in units)
        names = [block.memo[unit.key] for unit in units]
        row = (*names, *self._kept(names))
        if self.open_world:
            self.condition_places |= {node: (rows, row.index(name)) for node, name in self._inside}
        self.statements.append(Pass(over, elements, rows, tuple(block.body), row, folds))
        self.places.update({unit.key: fold.name for unit, fold in zip(units, folds, strict=True)})
        del self._blocks[1]

    def _kept(self, names: Sequence[str]) -> list[str]:
        """Name what a row keeps besides its units: in an open world, every condition."""
        inside = dict.fromkeys(name for _, name in self._inside) if self.open_world else ()
        return [name for name in inside if name not in names]

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
            self.statements.append(Statement((elements, gap), tuple(lines), name))
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
            self.condition_places[id(node)] = self._plain(name)
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
        prefix = "a" if isinstance(node, Leaf | Compare) else "n"
        return self._set(level, prefix, self._expression(node), node)

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
        place = self.places.get(node.unit, str(UNKNOWN))  # not in force: nothing is known of it
        return alias if (alias := _alias(place)) in self.aliases else place

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
            return f"NOT[{self._node(node.negated)}]"
        names = [self._node(part) for part in node.children]  # type: ignore[union-attr]
        if isinstance(node, Count):
            certain = " + ".join(f"({name} >> 1)" for name in names)
            possible = " + ".join(f"({name} & 1)" for name in names)
            return f"counted({certain}, {possible}, {node.comparison!r}, {node.number})"
        if isinstance(node, Join) and node.kind == "all":
            return _all(names)
        return " | ".join(names)

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
        unanswered = UNKNOWN if self.open_world else TRUE - answered
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
            return self._set(ref.level, "v", f"x{ref.level}.get({ref.name!r})", ref, ref.name)
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
        """Write a loop inside the loop of the outer element, for all that can share it."""
        together = [
            near for near in self._nearby if level == 1 and _alone(node) and _same(near, node)
        ]
        together = list(dict.fromkeys([node, *together]))
        elements, gap = self._list(node.list)
        outer = dict(self._blocks)
        matched = self._matched(node)
        inner = _Block()
        kept = {depth: block for depth, block in outer.items() if depth <= level}
        self._blocks = kept | {node.level: inner}
        verdicts = [self._node(one.where) for one in together]
        self._blocks = outer
        folds = [Fold(one, self._name("q"), gap) for one in together]
        asked = [line for part in inner.body for line in part.lines]
        for fold, verdict in zip(folds, verdicts, strict=True):
            asked += fold.inside(verdict, "m" if node.matching else None)
        inside = [*matched, "if m:", *(f"    {line}" for line in asked)] if matched else asked
        lines = [
            *begin(folds),
            loop(node.level, elements, inside),
            *(f"    {line}" for line in inside),
        ]
        lines += [line for fold in folds for line in fold.after()]
        names = tuple(fold.name for fold in folds)
        outer[level].body.append(Statement(names, tuple(lines)))
        outer[level].memo.update(zip(together, names, strict=True))
        return outer[level].memo[node]

    def _matched(self, node: Quantifier) -> list[str]:
        """Write how surely the inner element belongs to the outer one, as ``m``."""
        if not node.matching:
            return []
        owner = self._ref(Ref("id", node.level - 1, "outer"))
        return [
            f"m = x{node.level}.get({node.matching!r})",
            f"m = {UNKNOWN} if m is None or {owner} is None else m == {owner} and {TRUE}",
        ]


def _alias(name: str) -> str:
    return f"w{name[1:]}"  # no two variables have one number


def _all(names: Sequence[str]) -> str:
    """Write *and*; most conditions fail early, and then the rest of a long one is not looked at."""
    early = [f"{name} and " for name in names[:2] if name.isidentifier() and len(names) > 2]  # noqa: PLR2004
    return "".join(early) + " & ".join(names)


def _alone(node: Node) -> TypeGuard[Quantifier]:
    """Whether a quantifier asks of its own elements only, beside whether they belong here."""
    if not isinstance(node, Quantifier) or node.matching is None:
        return False
    inside = [part for part in walk(node.where) if isinstance(part, Quantifier)]
    return levels(node.where) <= {node.level} and all(map(whole, inside))


def _same(one: Quantifier, other: Quantifier) -> bool:
    """Whether two quantifiers can share a loop."""
    return (one.list, one.level, one.matching) == (other.list, other.level, other.matching)
