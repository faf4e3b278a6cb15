"""Looks at a few verdicts at once, as they are and as one fact more would make them."""

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from rules.engine.program import Cell, Probe, Program, State
from rules.engine.schedule import Key

if TYPE_CHECKING:
    from rules.engine.compiled import Evaluation

Shown = tuple[Any, ...]
Tried = Callable[[Any], Shown | None]


class View:
    """Reads the verdicts of some rules and definitions, elements included.

    Evaluations with equal views lead to equal conclusions, if these rest on nothing else; so a
    conclusion can be kept by its view and need not be drawn again.
    """

    def __init__(self, program: Program, keys: Iterable[Key], truths: Iterable[Key] = ()) -> None:
        """Take rules and definitions by (kind, id); those that are not in force are left out.

        Args:
            program: what judges them.
            keys: those of which false, unknown and true differ, for each element too.
            truths: those of which it only counts whether they are true of the whole subject.
        """
        known = [key for key in keys if key in program.places]
        self._places = list(dict.fromkeys(program.places[key] for key in known))
        true = [program.places[key] for key in truths if key in program.places]
        self._truths = [place for place in dict.fromkeys(true) if place not in self._places]
        self._program = program
        self._cells: list[Cell] = [program.rows[key] for key in known if key in program.rows]
        columns: dict[int, list[int]] = {}
        for place, at in self._cells:
            columns.setdefault(place, []).append(at)
        self._single = picker(self._places)
        self._columns = [(place, picker(ats)) for place, ats in columns.items()]
        self._probes: dict[str, Probe | None] = {}

    def __call__(self, evaluation: "Evaluation") -> Shown:
        """Read the verdicts; equal verdicts give equal tuples."""
        state = evaluation.state
        rows = [tuple(map(pick, state[place])) for place, pick in self._columns]
        return (self._single(state), *[state[place] >> 1 for place in self._truths], *rows)

    def trying(self, evaluation: "Evaluation", fact: str) -> Tried:
        """Prepare to try values of one fact; only what depends on it is judged again.

        Returns:
            A function of the value: what the view would show of what depends on the fact, or None
            if it would show the same as now.
        """
        probe = self._probe(general(fact))
        if probe is None:
            return _nothing
        state, outside = evaluation.state, evaluation.external.get
        now, then = probe.now(state), probe.then
        facts, owner, name = _opened(evaluation.facts, fact)

        def tried(value: Any) -> Shown | None:
            owner[name] = value  # one copy serves all values
            found = then(state, facts.get, outside)
            return None if found == now else found

        return tried

    def seen(self, evaluation: "Evaluation", fact: str, shown: Shown | None) -> State | None:
        """Write what a value of a fact showed into a copy of the state, and nothing else.

        Args:
            evaluation: what was judged.
            fact: the fact that was tried.
            shown: what trying it showed.

        Returns:
            The state, or None if verdicts about elements are among it: then judge again.
        """
        probe = self._probe(general(fact))
        return probe.write(evaluation.state, shown) if shown and probe and probe.write else None

    def _probe(self, fact: str) -> Probe | None:
        if fact not in self._probes:
            self._probes[fact] = self._program.probe(
                frozenset((fact,)), self._places, self._truths, self._cells
            )
        return self._probes[fact]


def picker(places: Sequence[int]) -> Callable[[Any], Shown]:
    """Make a function that picks places; it gives a tuple even for one of them, or none."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda state: tuple([state[place] for place in places])


def _nothing(_value: Any) -> None:
    """Nothing that is looked at depends on the fact."""


@functools.lru_cache(maxsize=4096)
def general(fact: str) -> str:
    """Drop the position: ``parcels[2].weight_kg`` is a ``parcels[].weight_kg``."""
    owner, bracket, rest = fact.partition("[")
    return f"{owner}[].{rest.partition('].')[2]}" if bracket else fact


def replaced(facts: Mapping[str, Any], fact: str, value: Any) -> dict[str, Any]:
    """Copy facts with one of them changed."""
    copy, owner, name = _opened(facts, fact)
    owner[name] = value
    return copy


def _opened(facts: Mapping[str, Any], fact: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    """Copy facts so that one of them can be written; say into what, and by which name."""
    copy = {**facts}
    owner, bracket, rest = fact.partition("[")
    if not bracket:
        return copy, copy, fact
    position, _, field = rest.partition("].")
    elements = copy[owner] = list(facts[owner])
    element = elements[int(position)] = {**elements[int(position)]}
    return copy, element, field
