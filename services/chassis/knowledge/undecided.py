"""Finds the unknown facts that could still change a verdict."""

from collections.abc import Iterable

from chassis.knowledge.interpreter import Interpreter, Scope
from chassis.knowledge.kleene import UNKNOWN
from chassis.knowledge.nodes import Compare, Leaf, Node, Quantifier, Use, parts, refs
from chassis.knowledge.program import Program, State


def undecided_facts(
    program: Program, state: State, judge: Interpreter, keys: Iterable[tuple[str, str]]
) -> set[str]:
    """Name the unknown facts that could still change the verdicts of these rules or definitions.

    Three-valued verdicts never change while a fact is learnt on which nothing undecided rests; so
    it is enough to descend from what is undecided into the parts that are. For that to hold, the
    question whether a fact is known must count as undecided until the fact is known: program and
    judge are both *still open*.

    Args:
        program: compiled still open.
        state: what it answered.
        judge: for conditions inside nested lists, of which the state keeps nothing.
        keys: where to start.

    Returns:
        Names of facts; ``list[position].field`` for an element's, and the name of a list where
        elements may be missing. An element without an id is not asked for one.
    """
    search = _Search(program, state, judge)
    for key in keys:
        search.unit(key, None)
    return search.found


class _Search:
    def __init__(self, program: Program, state: State, judge: Interpreter) -> None:
        self.program = program
        self.state = state
        self.judge = judge
        self.found: set[str] = set()
        self._seen: set[tuple[str, str, int | None]] = set()

    def unit(self, key: tuple[str, str], position: int | None) -> None:
        """Look into a rule or definition, once."""
        if (*key, position) in self._seen or key not in self.judge.units:
            return
        self._seen.add((*key, position))
        if self._unit_code(key, position) != UNKNOWN:
            return
        over, condition = self.judge.units[key]
        if over is None:
            self.node(condition, ())
        elif position is not None:
            self.node(condition, ((position, self.judge.elements(over)[position]),))
        else:
            self._whole_list(key, over)

    def _unit_code(self, key: tuple[str, str], position: int | None) -> int:
        if position is None:
            return int(self.state[self.program.places[key]])
        rows, at = self.program.rows[key]
        return int(self.state[rows][position][at])

    def _whole_list(self, key: tuple[str, str], over: str) -> None:
        if self.judge.incomplete(over):
            self.found.add(over)
        for index in range(len(self.judge.elements(over))):
            self.unit(key, index)

    def node(self, node: Node, scope: Scope) -> None:
        """Look into a condition, if it is undecided."""
        if self._code(node, scope) != UNKNOWN:
            return
        if isinstance(node, Leaf | Compare):
            self._leaf(node, scope)
        elif isinstance(node, Use):
            self.unit(node.unit, scope[node.level - 1][0] if node.level else None)
        elif isinstance(node, Quantifier):
            self._quantifier(node, scope)
        else:
            for part in parts(node):
                self.node(part, scope)

    def _code(self, node: Node, scope: Scope) -> int:
        spot = self.program.spots.get(id(node))
        if spot is None:
            return self.judge.code(node, scope)
        place, position = spot
        found = self.state[place]
        return int(found if position is None else found[scope[0][0]][position])

    def _leaf(self, node: Leaf | Compare, scope: Scope) -> None:
        for ref in refs(node):
            if self.judge.value(ref, scope) is None:
                position = f"{ref.list}[{scope[ref.level - 1][0]}]." if ref.level else ""
                self.found.add(f"{position}{ref.name}")

    def _quantifier(self, node: Quantifier, scope: Scope) -> None:
        if self.judge.incomplete(node.list):
            self.found.add(node.list)
        for inner in self.judge.inner(node, scope):
            if self.judge.matched(node, inner):
                self._link(node, inner)
                self.node(node.where, inner)

    def _link(self, node: Quantifier, inner: Scope) -> None:
        """An element may lack the id that says which outer element it belongs to."""
        position, element = inner[-1]
        if node.matching and element.get(node.matching) is None:
            self.found.add(f"{node.list}[{position}].{node.matching}")
