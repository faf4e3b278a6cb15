"""Finds the unknown facts that could still change a verdict."""

from collections.abc import Iterable

from rules.engine.interpreter import Interpreter, Scope
from rules.engine.kleene import UNKNOWN
from rules.engine.program import Program, State
from rules.language.nodes import Compare, Leaf, Node, Quantifier, Use, children, refs

_LEAVES = (Leaf, Compare)


class Undecided:
    """Names the unknown facts that could still change verdicts about one subject.

    Three-valued verdicts never change while a fact is learnt on which nothing undecided rests; so
    it is enough to descend from what is undecided into the parts that are. For that to hold, the
    question whether a fact is known must count as undecided until the fact is known: program and
    judge are both *still open*.

    Facts are named as ``list[position].field`` for an element's, and by the name of a list where
    elements may be missing. An element without an id is not asked for one.
    """

    def __init__(self, program: Program, state: State, judge: Interpreter) -> None:
        """Take what was compiled still open, what it answered, and a judge for nested lists."""
        self.program = program
        self.state = state
        self.judge = judge
        self._known: dict[tuple[tuple[str, str], int | None], set[str]] = {}

    def units(self, keys: Iterable[tuple[str, str]]) -> set[str]:
        """Name the facts that could change any of several rules or definitions."""
        state, places = self.state, self.program.places
        return set().union(*[self.unit(key) for key in keys if state[places[key]] == UNKNOWN])

    def elements(self, keys: Iterable[tuple[str, str]]) -> set[str]:
        """Name the facts that could change rules or definitions over a list for any element."""
        facts: set[str] = set()
        for key in keys:
            rows, at = self.program.rows[key]
            for position, row in enumerate(self.state[rows]):
                if row[at] == UNKNOWN:
                    facts |= self.unit(key, position)
        return facts

    def unit(self, key: tuple[str, str], position: int | None = None) -> set[str]:
        """Name the facts that could change a rule or definition, of the subject or an element."""
        place = (key, position)
        known = self._known.get(place)
        if known is None:
            decided = key not in self.judge.units or self._unit_code(key, position) != UNKNOWN
            known = self._known[place] = set() if decided else self._unit(key, position)
        return known

    def _unit(self, key: tuple[str, str], position: int | None) -> set[str]:
        over, condition = self.judge.units[key]
        facts: set[str] = set()
        if over is None:
            self._node(condition, (), facts)
        elif position is not None:
            element = self.judge.elements(over)[position]
            self._node(condition, ((position, element),), facts)
        else:
            if self.judge.incomplete(over):
                facts.add(over)
            for index in range(len(self.judge.elements(over))):
                facts |= self.unit(key, index)
        return facts

    def _unit_code(self, key: tuple[str, str], position: int | None) -> int:
        if position is None:
            return int(self.state[self.program.places[key]])
        rows, at = self.program.rows[key]
        return int(self.state[rows][position][at])

    def _node(self, node: Node, scope: Scope, facts: set[str]) -> None:
        """Look into a condition, if it is undecided."""
        if self._code(node, scope) != UNKNOWN:
            return
        if isinstance(node, _LEAVES):
            self._leaf(node, scope, facts)
        elif isinstance(node, Use):
            facts |= self.unit(node.unit, scope[node.level - 1][0] if node.level else None)
        elif isinstance(node, Quantifier):
            self._quantifier(node, scope, facts)
        else:
            for part in children(node):
                self._node(part, scope, facts)

    def _code(self, node: Node, scope: Scope) -> int:
        kept = self.program.condition_places.get(id(node))
        if kept is None:
            return self.judge.code(node, scope)
        place, position = kept
        content = self.state[place]
        return int(content if position is None else content[scope[0][0]][position])

    def _leaf(self, node: Leaf | Compare, scope: Scope, facts: set[str]) -> None:
        for ref in refs(node):
            if self.judge.value(ref, scope) is None:
                position = f"{ref.list}[{scope[ref.level - 1][0]}]." if ref.level else ""
                facts.add(f"{position}{ref.name}")

    def _quantifier(self, node: Quantifier, scope: Scope, facts: set[str]) -> None:
        if self.judge.incomplete(node.list):
            facts.add(node.list)
        for inner in self.judge.inner(node, scope):
            if self.judge.matched(node, inner):
                position, element = inner[-1]
                if node.matching and element.get(node.matching) is None:
                    facts.add(f"{node.list}[{position}].{node.matching}")
                self._node(node.where, inner, facts)
