"""Finds the unknown facts that could still change a verdict."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from rules.engine.interpreter import Interpreter, Scope, Units
from rules.engine.kleene import UNKNOWN
from rules.engine.program import Program, State
from rules.language.nodes import Compare, Leaf, Node, Quantifier, Ref, Use, children, refs
from rules.language.vocabulary import Vocabulary

Key = tuple[str, str]

_LEAF, _USE, _QUANTIFIER, _JOINED = range(4)
_KIND: Final = {Leaf: _LEAF, Compare: _LEAF, Use: _USE, Quantifier: _QUANTIFIER}


class Condition(NamedTuple):
    """A condition, with everything about it that is the same for every subject.

    Attributes:
        place: Where its verdict, or the rows of the list that it stands in, are in a state; None
            if no state keeps it.
        column: The position in a row; None for a condition about the whole subject.
        kind: What kind of condition it is.
        node: The condition itself.
        inside: The conditions directly inside it.
        names: The facts about the whole subject that it reads itself.
        refs: What it reads of elements itself.
    """

    place: int | None
    column: int | None
    kind: int
    node: Any
    inside: tuple["Condition", ...]
    names: tuple[str, ...]
    refs: tuple[Ref, ...]


class Conditions:
    """All conditions of a program that was compiled still open, prepared once for searching.

    Attributes:
        program: The program.
        units: Rule or definition -> the list that it is over, and its condition.
    """

    def __init__(self, program: Program, units: Units, vocabulary: Vocabulary) -> None:
        """Look up where everything stands."""
        self.program = program
        self._recorded = {name for name, entry in vocabulary.lists.items() if entry.recorded}
        self.units: Mapping[Key, tuple[str | None, Condition]] = {
            key: (over, self._prepared(node)) for key, (over, node) in units.items()
        }

    def _prepared(self, node: Node) -> Condition:
        place, column = self.program.condition_places.get(id(node), (None, None))
        read = refs(node)
        whole = [one.name for one in read if not one.level and one.name not in self._recorded]
        return Condition(
            place,
            column,
            _KIND.get(type(node), _JOINED),
            node,
            tuple(self._prepared(part) for part in children(node)),
            tuple(whole),
            tuple(one for one in read if one.level),
        )


class Undecided:
    """Names the unknown facts that could still change verdicts about one subject.

    Three-valued verdicts never change while a fact is learnt on which nothing undecided rests; so
    it is enough to descend from what is undecided into the parts that are. For that to hold, the
    question whether a fact is known must count as undecided until the fact is known: program and
    judge are both *still open*.

    Facts are named as ``list[position].field`` for an element's, and by the name of a list where
    elements may be missing. An element without an id is not asked for one.

    Attributes:
        state: What the program answered.
    """

    def __init__(self, conditions: Conditions, state: State, judge: Interpreter) -> None:
        """Take the conditions, what their program answered, and a judge for nested lists."""
        self._conditions = conditions
        self.state = state
        self._judge = judge

    def facts(self, whole: Iterable[tuple[Key, int]], each: Iterable[Key]) -> set[str]:
        """Name the facts that could change a verdict.

        Args:
            whole: rules and definitions whose verdict about the whole subject counts, and where it
                stands.
            each: those over a list whose verdict about each element counts.
        """
        state, program = self.state, self._conditions.program
        search = _Search(self._conditions, state, self._judge)
        for key, place in whole:
            if state[place] == UNKNOWN:
                search.unit(key, None)
        for key in each:
            rows, at = program.rows[key]
            for position, row in enumerate(state[rows]):
                if row[at] == UNKNOWN:
                    search.unit(key, position)
        return search.found


class _Search:
    """One descent; what was visited once is not visited again."""

    def __init__(self, conditions: Conditions, state: State, judge: Interpreter) -> None:
        self.found: set[str] = set()
        self._conditions = conditions
        self._state = state
        self._judge = judge
        self._value = judge.facts.get
        self._visited: set[tuple[Key, int | None]] = set()

    def unit(self, key: Key, position: int | None) -> None:
        """Look into a rule or definition, of the subject or of one element."""
        visit = key, position
        if visit in self._visited or key not in self._conditions.units:
            return
        self._visited.add(visit)
        over, condition = self._conditions.units[key]
        if self._unit_code(key, position) != UNKNOWN:
            return
        if over is None:
            self._condition(condition, ())
        elif position is not None:
            self._condition(condition, ((position, self._judge.elements(over)[position]),))
        else:
            if self._judge.incomplete(over):
                self.found.add(over)
            for index in range(len(self._judge.elements(over))):
                self.unit(key, index)

    def _unit_code(self, key: Key, position: int | None) -> int:
        program = self._conditions.program
        if position is None:
            return int(self._state[program.places[key]])
        rows, at = program.rows[key]
        return int(self._state[rows][position][at])

    def _condition(self, condition: Condition, scope: Scope) -> None:
        """Look into a condition, if it is undecided."""
        place, column, kind, node, inside, names, read = condition
        if place is None:
            code = self._judge.code(node, scope)
        else:
            code = self._state[place]
            if column is not None:
                code = code[scope[0][0]][column]
        if code != UNKNOWN:
            return
        if kind == _LEAF:
            self._leaf(names, read, scope)
        elif kind == _USE:
            if node.kind != "external":
                self.unit(node.unit, scope[node.level - 1][0] if node.level else None)
        elif kind == _QUANTIFIER:
            self._quantifier(node, inside[0], scope)
        else:
            for part in inside:
                self._condition(part, scope)

    def _leaf(self, names: Iterable[str], read: Iterable[Ref], scope: Scope) -> None:
        for name in names:
            if self._value(name) is None:
                self.found.add(name)
        for ref in read:
            position, element = scope[ref.level - 1]
            if element.get(ref.name) is None:
                self.found.add(f"{ref.list}[{position}].{ref.name}")

    def _quantifier(self, node: Quantifier, where: Condition, scope: Scope) -> None:
        judge = self._judge
        if judge.incomplete(node.list):
            self.found.add(node.list)
        for inner in judge.inner(node, scope):
            if judge.matched(node, inner):
                position, element = inner[-1]
                if node.matching and element.get(node.matching) is None:
                    self.found.add(f"{node.list}[{position}].{node.matching}")
                self._condition(where, inner)
