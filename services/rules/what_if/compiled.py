"""Compiled rules that also answer what-if questions."""

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from rules.engine.compiled import Compiled, Evaluation, Facts
from rules.engine.interpreter import Interpreter
from rules.engine.program import Get, Program, State
from rules.language.model import RuleInForce
from rules.language.nodes import Node
from rules.language.vocabulary import Vocabulary
from rules.what_if.queries import Queries
from rules.what_if.undecided import Conditions, Key, Undecided
from rules.what_if.views import View


class WhatIfRules(Compiled):
    """All rules and definitions in force on one date, judged, explained and explored.

    It adds to `Compiled`: which unknown facts a verdict still depends on, which values such a fact
    could take, and views that compare evaluations.
    """

    def __init__(
        self,
        rules: Sequence[RuleInForce],
        definitions: Mapping[str, tuple[str | None, Node]],
        vocabulary: Vocabulary,
    ) -> None:
        """Generate and compile the function."""
        super().__init__(rules, definitions, vocabulary)
        self._queries = Queries(self.units, vocabulary)

    def undecided_facts(
        self,
        evaluation: Evaluation,
        of: Iterable[str] | None = None,
        each: Iterable[str] = (),
    ) -> set[str]:
        """Name the unknown facts on which a verdict still depends; no other fact can change one.

        ``parcels[0].weight_kg`` is a field of a known element, ``parcels`` stands for elements that
        may be missing.

        Args:
            evaluation: what was judged.
            of: ids of rules, and of definitions, to look at; all of them when None.
            each: ids of those over a list whose verdict about each element counts by itself, even
                where that about the whole subject is settled.
        """
        undecided = evaluation.derived(self._search)
        whole = self._open_places(None if of is None else tuple(of))
        return undecided.facts(whole, self._keys(tuple(each)))

    def in_open_world(self, evaluation: Evaluation) -> Evaluation:
        """Show the verdicts that no unknown fact can change; all others are unknown."""
        state = evaluation.derived(self._search).state
        return Evaluation(self, evaluation.facts, evaluation.external, state)

    @functools.lru_cache(maxsize=1024)  # noqa: B019 - rules in force live as long as the process
    def _open_places(self, names: tuple[str, ...] | None) -> tuple[tuple[Key, int], ...]:
        """Say where the verdicts of rules and definitions stand in an open world."""
        keys = self.units if names is None else self._keys(names)
        return tuple((key, self._open_world.places[key]) for key in keys)

    @functools.lru_cache(maxsize=1024)  # noqa: B019 - rules in force live as long as the process
    def _keys(self, names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        keys = ((kind, name) for name in names for kind in ("rule", "defined"))
        return tuple(key for key in keys if key in self.units)

    def _search(self, evaluation: Evaluation) -> Undecided:
        """Prepare the search for what could still change an evaluation."""
        facts, outside = evaluation.facts, evaluation.external
        judge = Interpreter(self.units, self.vocabulary, facts, outside, open_world=True)
        state = self._opened(evaluation.state, facts.get, outside.get)
        return Undecided(self._conditions, state, judge)

    @functools.cached_property
    def _open_world(self) -> Program:
        return Program(self.units, self.vocabulary, open_world=True)

    @functools.cached_property
    def _opened(self) -> Callable[[State, Get, Get], State]:
        return self._open_world.continuation(self._program)

    @functools.cached_property
    def _conditions(self) -> Conditions:
        return Conditions(self._open_world, self.units, self.vocabulary)

    def facts_of(self, rule_id: str) -> frozenset[str]:
        """Name the facts a rule rests on, through definitions and other rules too."""
        return self._queries.facts_of(("rule", rule_id))

    def facts_of_definition(self, name: str) -> frozenset[str]:
        """Name the facts a definition rests on."""
        return self._queries.facts_of(("defined", name))

    def completions(self, fact: str, facts: Facts) -> list[Any]:
        """List values that an unknown fact could take: one for each way it could matter."""
        return self._queries.completions(fact, facts)

    def view(self, of: Iterable[str], true: Iterable[str] = ()) -> View:
        """Make a view of the verdicts of some rules and definitions; some may not be in force.

        Args:
            of: ids of those of which false, unknown and true differ, for each element too.
            true: ids of those of which it only counts whether they are true of the whole subject.
        """
        return View(self._program, self._keys(tuple(of)), self._keys(tuple(true)))

    def rests_on(self, fact: str) -> frozenset[str]:
        """Name the rules and definitions whose verdicts rest on a fact; ``parcels[].weight_kg``."""
        places = self._program.resting_on(fact)
        return frozenset(name for kind, name in self.units if self.place(kind, name) in places)
