"""Read a few verdicts at once, as they are and under the hypothesis of one fact more."""

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Any

from rules.engine.compiled import Evaluation
from rules.engine.program import Cell, Probe, Program, State
from rules.engine.schedule import Key
from rules.language.fact_paths import general, writable_copy

Reading = tuple[Any, ...]
Hypothesis = Callable[[Any], Reading | None]


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

    def __call__(self, evaluation: Evaluation) -> Reading:
        """Read the verdicts; equal verdicts give equal tuples."""
        state = evaluation.state
        rows = [tuple(map(pick, state[place])) for place, pick in self._columns]
        return (self._single(state), *[state[place] >> 1 for place in self._truths], *rows)

    def hypothesis(self, evaluation: Evaluation, fact: str) -> Hypothesis:
        """Prepare hypotheses about one fact; only what depends on it is judged again.

        Returns:
            A function of the value: the reading of what depends on the fact, or None if it is the
            same as now.
        """
        probe = self._probe(general(fact))
        if probe is None:
            return _unchanged
        state, outside = evaluation.state, evaluation.external.get
        now, then = probe.now(state), probe.then
        facts, owner, name = writable_copy(evaluation.facts, fact)

        def reading_with(value: Any) -> Reading | None:
            owner[name] = value  # one copy serves all values
            reading = then(state, facts.get, outside)
            return None if reading == now else reading

        return reading_with

    def hypothetical_state(
        self, evaluation: Evaluation, fact: str, reading: Reading | None
    ) -> State | None:
        """Write the reading of a hypothesis into a copy of the state, and nothing else.

        Args:
            evaluation: what was judged.
            fact: the fact of the hypothesis.
            reading: what the hypothesis gave.

        Returns:
            The state, or None if the fact is a whole list, with other elements: then judge again.
        """
        probe = self._probe(general(fact))
        return probe.write(evaluation.state, reading) if reading and probe and probe.write else None

    def _probe(self, fact: str) -> Probe | None:
        if fact not in self._probes:
            self._probes[fact] = self._program.probe(
                frozenset((fact,)), self._places, self._truths, self._cells
            )
        return self._probes[fact]


def picker(places: Sequence[int]) -> Callable[[Any], Reading]:
    """Make a function that picks places; it gives a tuple even for one of them, or none."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda state: tuple([state[place] for place in places])


def _unchanged(_value: Any) -> None:
    """Answer for a fact on which nothing in the view depends."""
