"""Compiles the generated source: whole, and in slices for what one fact changes."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from chassis.knowledge import kleene
from chassis.knowledge.generator import Generator, Statement
from chassis.knowledge.nodes import Node
from chassis.knowledge.schedule import Key, steps
from chassis.knowledge.vocabulary import Vocabulary

State = list[Any]  # what every variable of the program holds, in order
Get = Callable[..., Any]

_TOOLS: dict[str, Any] = {
    "NOT": kleene.NOT,
    "counted": kleene.counted,
    "fall_percent": kleene.fall_percent,
    "fall_points": kleene.fall_points,
}


class Program:
    """Judges all rules and definitions in one call.

    Attributes:
        source: the Python source.
        run: ``run(facts.get, external.get)`` gives the state.
        places: rule or definition -> where its verdict stands in the state.
        rows: rule or definition over a list -> where the rows stand, and the position in a row.
        spots: id of a condition -> where its verdict stands, and for one about an element, the
            position in its row.
        leaves: where the verdicts of leaves about the whole subject stand.
    """

    def __init__(
        self,
        units: Mapping[tuple[str, str], tuple[str | None, Node]],
        vocabulary: Vocabulary,
        *,
        still_open: bool = False,
    ) -> None:
        """Write and compile the source; ``still_open`` as for the generator."""
        generator = Generator(vocabulary, still_open=still_open)
        generator.run(steps(units))
        self._statements = generator.statements
        names = [name for statement in self._statements for name in statement.targets]
        self._index = {name: position for position, name in enumerate(names)}
        self._space = {**_TOOLS, **generator.constants}
        self._patches: dict[str, Callable[[State, Get, Get], State] | None] = {}
        self.source = _source("get, outside", _lines(self._statements), f"[{', '.join(names)}]")
        self.run: Callable[[Get, Get], State] = self._compiled(self.source)
        self.places: dict[Key, int] = {
            key: self._index[name] for key, name in generator.places.items()
        }
        self.rows = {key: (self._index[name], at) for key, (name, at) in generator.rows.items()}
        self.spots: dict[int, tuple[int, int | None]] = {
            node: (self._index[at], None) if isinstance(at, str) else (self._index[at[0]], at[1])
            for node, at in generator.spots.items()
        }
        self.leaves = [self._index[name] for name in generator.atoms.values()]

    def again(self, state: State, fact: str, get: Get, outside: Get) -> State:
        """Judge again what depends on one fact or list, and keep the rest of an earlier state."""
        if fact not in self._patches:
            self._patches[fact] = self._patch(fact)
        patch = self._patches[fact]
        return patch(state, get, outside) if patch else state

    def _patch(self, fact: str) -> Callable[[State, Get, Get], State] | None:
        """Compile the slice of the program that depends on a fact; None when nothing does."""
        affected: list[Statement] = []
        changed: set[str] = set()
        for statement in self._statements:
            if statement.fact == fact or statement.uses & changed:
                affected.append(statement)
                changed.update(statement.targets)
        if not affected:
            return None
        needed = set().union(*(statement.uses for statement in affected)) - changed
        kept = sorted(needed & set(self._index))
        lines = [f"{name} = state[{self._index[name]}]" for name in kept]
        lines += [*_lines(affected), "state = state.copy()"]
        lines += [f"state[{self._index[name]}] = {name}" for name in sorted(changed)]
        patch: Callable[[State, Get, Get], State] = self._compiled(
            _source("state, get, outside", lines, "state")
        )
        return patch

    def _compiled(self, source: str) -> Any:
        space = dict(self._space)
        exec(compile(source, "<rules in force>", "exec"), space)  # noqa: S102 - we wrote it above
        return space["judge"]


def _lines(statements: Iterable[Statement]) -> list[str]:
    return [line for statement in statements for line in statement.lines]


def _source(arguments: str, lines: Iterable[str], result: str) -> str:
    return "\n    ".join([f"def judge({arguments}):", *lines, f"return {result}"]) + "\n"
