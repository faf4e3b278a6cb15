"""Compile the generated source: whole, and in slices for what some facts change."""

import dataclasses
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from rules.engine import kleene
from rules.engine.generator import Generator
from rules.engine.kleene import TRUE
from rules.engine.schedule import Key, steps
from rules.engine.statements import Pass, Statement, cell
from rules.language.nodes import Node
from rules.language.vocabulary import Vocabulary

State = list[Any]  # what every variable of the program holds, in order
Get = Callable[..., Any]
Substitution = Callable[[State, Get, Get, int], State]
Cell = tuple[int, int]  # where rows stand in the state, and a position in each row

CERTAIN = 1  # the bit of a verdict's code that only true has
_TOOLS: dict[str, Any] = {
    "NOT": kleene.NOT,
    "counted": kleene.counted,
    "fall_percent": kleene.fall_percent,
    "fall_points": kleene.fall_points,
}


@dataclasses.dataclass(frozen=True)
class Probe:
    """Looks at a few verdicts as they are, and as they would be if some facts were others.

    Attributes:
        now: reads those that may change from a state.
        then: judges only these again, with ``get`` finding the other facts.
        write: puts what was read so into a copy of the state; a mere truth as true or false. None
            if one of the facts is a whole list, for then there may be other elements.
    """

    now: Callable[[State], tuple[Any, ...]]
    then: Callable[[State, Get, Get], tuple[Any, ...]]
    write: Callable[[State, tuple[Any, ...]], State] | None


class Program:
    """Judges all rules and definitions in one call.

    Attributes:
        source: the Python source.
        statements: what it was written from.
        names: the variables that a state keeps, in order.
        places: rule or definition -> where its verdict stands in the state.
        rows: rule or definition over a list -> where the rows stand, and the position in a row.
        condition_places: id of a condition -> where its verdict stands, and for one about an
            element, the position in its row.
    """

    def __init__(
        self,
        units: Mapping[tuple[str, str], tuple[str | None, Node]],
        vocabulary: Vocabulary,
        *,
        open_world: bool = False,
        aliased: bool = False,
    ) -> None:
        """Write the source; ``open_world`` and ``aliased`` as for the generator."""
        generator = Generator(vocabulary, open_world=open_world, aliased=aliased)
        generator.run(steps(units))
        self.statements = generator.statements
        self._aliases = generator.aliases
        self._lookups = _lookups(self.statements)
        passes = (one for one in self.statements if isinstance(one, Pass))
        self._lists = frozenset(vocabulary.lists)
        self._widths = {one.rows: len(one.row) for one in passes}
        self.names = list(self._kept_names(generator.places[key] for key in units))
        self._index = {name: position for position, name in enumerate(self.names)}
        self._lookups |= {
            alias: f"{alias} = state[{self._index[name]}]" for alias, name in self._aliases.items()
        }
        self._space = {**_TOOLS, **generator.constants}
        self._patches: dict[AbstractSet[str], Callable[[State, Get, Get], State] | None] = {}
        everything = [_written(statement) for statement in self.statements]
        self.source = _source("get, outside", _lines(everything), f"[{', '.join(self.names)}]")
        self.places: dict[Key, int] = {
            key: self._index[name] for key, name in generator.places.items()
        }
        self.rows = {key: (self._index[name], at) for key, (name, at) in generator.rows.items()}
        self.condition_places: dict[int, tuple[int, int | None]] = {
            node: (self._index[at], None) if isinstance(at, str) else (self._index[at[0]], at[1])
            for node, at in generator.condition_places.items()
        }

    @functools.cached_property
    def run(self) -> Callable[[Get, Get], State]:
        """The compiled source; not every program is run as a whole."""
        run: Callable[[Get, Get], State] = self._compiled(self.source)
        return run

    def _kept_names(self, verdicts: Iterable[str]) -> Iterator[str]:
        """Name what the state keeps, verdicts of rules and definitions first.

        A fact can be looked up again, and an alias read from what it stands for: neither is kept.
        """
        names = (name for statement in self.statements for name in statement.targets)
        left_out = {*self._lookups, *self._aliases}
        return (name for name in dict.fromkeys((*verdicts, *names)) if name not in left_out)

    def again(self, state: State, facts: AbstractSet[str], get: Get, outside: Get) -> State:
        """Judge again what depends on some facts, and keep the rest of an earlier state.

        Args:
            state: what came out earlier; it is not changed.
            facts: facts, lists, or fields of lists (``parcels[].weight_kg``).
            get: finds all facts as they are now.
            outside: finds the verdicts of rules that are decided elsewhere.
        """
        if facts not in self._patches:
            self._patches[facts] = self._patch(facts)
        patch = self._patches[facts]
        return patch(state, get, outside) if patch else state

    def continuation(self, earlier: "Program") -> Callable[[State, Get, Get], State]:
        """Compile what this program judges otherwise than another one of the same units.

        Args:
            earlier: the same units, not in an open world; its state is what is continued.

        Raises:
            ValueError: the two do not keep the same.
        """
        if (self.names, self.places, self.rows) != (earlier.names, earlier.places, earlier.rows):
            raise ValueError("programs of different units")
        chosen: list[Statement] = []
        changed: set[str] = set()
        for before, here in zip(earlier.statements, self.statements, strict=True):
            statement = _written(here)
            same = isinstance(before, Statement) and before.lines == statement.lines
            if not same or statement.needs & changed:
                chosen.append(statement)
                changed.update(statement.targets)
        lines = [*map(self._load, self._kept(chosen)), *self._rewritten(chosen)]
        continuation: Callable[[State, Get, Get], State] = self._compiled(
            _source("state, get, outside", lines, "state")
        )
        return continuation

    def probe(
        self,
        facts: AbstractSet[str],
        places: Iterable[int],
        truths: Iterable[int],
        cells: Iterable[Cell],
    ) -> Probe | None:
        """Compile what some places and cells of the state become when facts change.

        Of ``truths`` only the truth is looked at: false and unknown are the same there.

        Returns:
            The probe, or None when none of them depends on the facts.
        """
        affected, changed = self._affected(facts)
        names = [(self.names[at], "") for at in places]
        names += [(self.names[at], f" >> {CERTAIN}") for at in truths]
        singles = {name: name + shift for name, shift in names if name in changed}
        columns: dict[str, list[int]] = {}
        for place, at in cells:
            if cell(self.names[place], at) in changed:
                columns.setdefault(self.names[place], []).append(at)
        if not singles and not columns:
            return None
        asked = [*singles.values(), *(_columns(name, ats) for name, ats in columns.items())]
        result = f"({', '.join(asked)},)"
        chosen = _leading_to({*singles, *columns}, affected)
        now = [self._load(name) for name in (*singles, *columns)]
        then = [*map(self._load, self._kept(chosen, {*singles, *columns})), *_lines(chosen)]
        return Probe(
            self._compiled(_source("state", now, result)),
            self._compiled(_source("state, get, outside", then, result)),
            self._writer(singles, columns) if facts.isdisjoint(self._lists) else None,
        )

    def resting_on(self, fact: str) -> frozenset[int]:
        """Find the places of all that can change with a fact."""
        _, changed = self._affected(frozenset((fact,)))
        return frozenset(self._index[name] for name in changed if name in self._index)

    def _writer(
        self, singles: Mapping[str, str], columns: Mapping[str, Sequence[int]]
    ) -> Callable[[State, tuple[Any, ...]], State]:
        scale = [("" if name == asked else f" * {TRUE}") for name, asked in singles.items()]
        lines = [f"({', '.join([*singles, '*again'])},) = reading", "state = state.copy()"]
        lines += [
            f"state[{self._index[name]}] = {name}{times}"
            for name, times in zip(singles, scale, strict=True)
        ]
        lines += ["again = iter(again)"] if columns else []
        lines += [
            f"state[{self._index[name]}] = "
            f"[({self._replaced(name, ats)},) for row in state[{self._index[name]}] "
            "for new in [next(again)]]"
            for name, ats in columns.items()
        ]
        writer: Callable[[State, tuple[Any, ...]], State] = self._compiled(
            _source("state, reading", lines, "state")
        )
        return writer

    def _replaced(self, rows: str, positions: Sequence[int]) -> str:
        """Write a row in which some positions are taken from ``new``, in that order."""
        width = self._widths[rows]
        taken = {at: f"new[{place}]" for place, at in enumerate(positions)}
        return ", ".join(taken.get(at, f"row[{at}]") for at in range(width))

    def _patch(self, facts: AbstractSet[str]) -> Callable[[State, Get, Get], State] | None:
        """Compile the slice of the program that depends on facts; None when nothing does."""
        affected, _ = self._affected(facts)
        if not affected:
            return None
        lines = [*map(self._load, self._kept(affected)), *self._rewritten(affected)]
        patch: Callable[[State, Get, Get], State] = self._compiled(
            _source("state, get, outside", lines, "state")
        )
        return patch

    def substitution(self, key: Key, read: Iterable[Key]) -> Substitution:
        """Compile what follows when one verdict about the whole subject is replaced.

        Args:
            key: a rule or definition about the whole subject; the program is aliased.
            read: the rules and definitions that are read afterwards.
        """
        name = self.names[self.places[key]]
        (alias,) = (alias for alias, target in self._aliases.items() if target == name)
        known = [key for key in read if key in self.places]
        places = [self.places[key] for key in known]
        places += [self.rows[key][0] for key in known if key in self.rows]
        affected, _ = self._affected(frozenset(), {alias})
        chosen = _leading_to((self.names[at] for at in places), affected)
        kept = (name for name in self._kept(chosen) if name != alias)
        lines = [*map(self._load, kept), f"{alias} = code", *self._rewritten(chosen)]
        lines.append(f"state[{self._index[name]}] = code")
        substitution: Substitution = self._compiled(
            _source("state, get, outside, code", lines, "state")
        )
        return substitution

    def _rewritten(self, statements: Sequence[Statement]) -> Iterator[str]:
        """Write statements, and what they set into a copy of the state."""
        targets = sorted({name for statement in statements for name in statement.targets})
        yield from (*_lines(statements), "state = state.copy()")
        yield from (
            f"state[{self._index[name]}] = {name}" for name in targets if name in self._index
        )

    def _affected(
        self, facts: AbstractSet[str], verdicts: AbstractSet[str] = frozenset()
    ) -> tuple[list[Statement], set[str]]:
        """Choose what to judge again when facts or verdicts change; name all that may differ."""
        fields = _fields(facts)
        affected: list[Statement] = []
        changed: set[str] = set(verdicts)
        for statement in self.statements:
            if isinstance(statement, Pass):
                part = statement.again(changed, fields.get(statement.list))
                if part:
                    affected.append(part[0])
                    changed |= part[1]
            elif statement.reads in fields or statement.depends & changed:
                affected.append(statement)
                inside = fields.get(statement.reads or "")
                # where one field differs, the list is not known to be longer or shorter
                changed |= set(statement.targets[:1] if inside else statement.targets)
        return affected, changed

    def _kept(self, statements: Sequence[Statement], asked: Iterable[str] = ()) -> list[str]:
        """Name the variables whose earlier content is read."""
        needs = set(asked).union(*(statement.needs for statement in statements))
        targets = {name for statement in statements for name in statement.targets}
        rereads = {name for statement in statements for name in statement.rereads}
        return sorted((needs - targets | rereads) & {*self._index, *self._lookups})

    def _load(self, name: str) -> str:
        return self._lookups.get(name) or f"{name} = state[{self._index[name]}]"

    def _compiled(self, source: str) -> Any:
        space = dict(self._space)
        exec(compile(source, "<rules in force>", "exec"), space)  # noqa: S102 - we wrote it above
        return space["judge"]


def _lookups(statements: Iterable[Statement | Pass]) -> dict[str, str]:
    """Find what does nothing but look up one fact."""
    return {
        one.targets[0]: one.lines[0]
        for one in statements
        if isinstance(one, Statement) and one.lines[0].startswith("f")
    }


def _fields(facts: AbstractSet[str]) -> dict[str, str | None]:
    """Map facts and lists to the one field that differs; None if more may differ."""
    fields: dict[str, str | None] = {}
    for name in facts:
        owner, bracket, rest = name.partition("[].")
        field = rest if bracket and owner not in fields else None
        fields[owner] = field
    return fields


def _leading_to(names: Iterable[str], statements: Sequence[Statement]) -> list[Statement]:
    """Leave out the statements on which no name rests."""
    wanted, chosen = set(names), []
    for statement in reversed(statements):
        if wanted.intersection(statement.targets):
            chosen.append(statement)
            wanted |= statement.needs
    return chosen[::-1]


def _columns(rows: str, positions: Sequence[int]) -> str:
    row = ", ".join(f"row[{at}]" for at in positions)
    return f"*[({row},) for row in {rows}]"


def _written(statement: Statement | Pass) -> Statement:
    return statement.whole() if isinstance(statement, Pass) else statement


def _lines(statements: Iterable[Statement]) -> list[str]:
    return [line for statement in statements for line in statement.lines]


def _source(arguments: str, lines: Iterable[str], result: str) -> str:
    return "\n    ".join([f"def judge({arguments}):", *lines, f"return {result}"]) + "\n"
