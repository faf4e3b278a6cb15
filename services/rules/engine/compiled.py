"""The rules in force on one date as one generated function, and what it answers."""

import dataclasses
import datetime as dt
import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rules.engine import kleene
from rules.engine.explanation import Explainer
from rules.engine.interpreter import Interpreter
from rules.engine.kleene import CODE, VERDICT, Verdict
from rules.engine.program import Program, State
from rules.language.nodes import Node
from rules.language.vocabulary import Vocabulary
from rules.what_if.queries import Queries
from rules.what_if.undecided import Undecided
from rules.what_if.views import View, general, replaced

Facts = Mapping[str, Any]
_LETTERS = bytes.maketrans(bytes((kleene.FALSE, kleene.UNKNOWN, kleene.TRUE)), b"fut")


@dataclasses.dataclass(frozen=True)
class RuleInForce:
    """One rule as it stands on a date."""

    id: str
    title: str
    over: str | None
    start: dt.date
    end: dt.date | None
    strength: str
    strength_note: str | None
    project_choice: str | None
    because: str
    sources: tuple[str, ...]
    then: Mapping[str, Any]
    condition: Node


class Compiled:
    """All rules and definitions in force on one date.

    Attributes:
        rules: the rules, in id order.
        rule_places: where the verdict of each stands in an evaluation.
    """

    def __init__(
        self,
        rules: Sequence[RuleInForce],
        definitions: Mapping[str, tuple[str | None, Node]],
        vocabulary: Vocabulary,
    ) -> None:
        """Generate and compile the function."""
        self.rules = list(rules)
        self.vocabulary = vocabulary
        self.units: dict[tuple[str, str], tuple[str | None, Node]] = {}
        self.units.update({("defined", name): entry for name, entry in definitions.items()})
        self.units.update({("rule", rule.id): (rule.over, rule.condition) for rule in rules})
        self._queries = Queries(self.units, vocabulary)
        self._program = Program(self.units, vocabulary)
        self._run = self._program.run  # compiled now, so that the first case need not wait for it
        self.rule_places = [(rule.id, self._program.places["rule", rule.id]) for rule in rules]
        self._row_places = sorted({rows for rows, _ in self._program.rows.values()})

    @property
    def source(self) -> str:
        """The generated Python source, for the curious."""
        return self._program.source

    def evaluate(self, facts: Facts, external: Mapping[str, Verdict] | None = None) -> "Evaluation":
        """Judge all rules; facts that are missing or None are unknown.

        Args:
            facts: flat facts; a list is a list of flat dicts.
            external: verdicts of rules that are decided elsewhere; what is missing is unknown.
        """
        outside = {name: CODE[verdict] for name, verdict in external.items()} if external else {}
        return Evaluation(self, facts, outside, self._run(facts.get, outside.get))

    def explain(
        self, facts: Facts, evaluation: "Evaluation", rule_id: str, element: int | None = None
    ) -> dict[str, Any]:
        """Show as a JSON tree why a rule's verdict came out, for the subject or for one element.

        Raises:
            KeyError: the rule is not in force.
        """
        judge = Interpreter(self.units, self.vocabulary, facts, evaluation.external)
        return Explainer(judge).unit(("rule", rule_id), element)

    def grounds(self, evaluation: "Evaluation", rule_id: str) -> dict[str, Any]:
        """Explain a rule that is true as `explain` does, but open only what is true itself.

        Raises:
            KeyError: the rule is not in force.
        """
        facts, outside = evaluation.facts, evaluation.external
        judge = Interpreter(self.units, self.vocabulary, facts, outside)
        return Explainer(judge, grounds=True).unit(("rule", rule_id))

    def undecided_facts(
        self,
        evaluation: "Evaluation",
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
        undecided = evaluation.undecided
        keys = self.units if of is None else self._asked(tuple(of))
        return undecided.units(keys) | undecided.elements(self._asked(tuple(each)))

    @functools.lru_cache(maxsize=1024)  # noqa: B019 - rules in force live as long as the process
    def _asked(self, names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        keys = ((kind, name) for name in names for kind in ("rule", "defined"))
        return tuple(key for key in keys if key in self.units)

    def search(self, evaluation: "Evaluation") -> Undecided:
        """Prepare the search for what could still change an evaluation."""
        facts, outside = evaluation.facts, evaluation.external
        judge = Interpreter(self.units, self.vocabulary, facts, outside, still_open=True)
        state = self._still_open.run(facts.get, outside.get)
        return Undecided(self._still_open, state, judge)

    @functools.cached_property
    def _still_open(self) -> Program:
        return Program(self.units, self.vocabulary, still_open=True)

    def facts_of(self, rule_id: str) -> frozenset[str]:
        """Name the facts a rule rests on, through definitions and other rules too."""
        return self._queries.facts_of(("rule", rule_id))

    def facts_of_definition(self, name: str) -> frozenset[str]:
        """Name the facts a definition rests on."""
        return self._queries.facts_of(("defined", name))

    def rules_of(self, fact: str) -> list[str]:
        """Name the rules that rest on a fact."""
        return [rule.id for rule in self.rules if fact in self.facts_of(rule.id)]

    def thresholds(self, fact: str) -> list[float]:
        """List the numbers that a fact is compared to, in order."""
        return self._queries.thresholds(fact)

    def values(self, fact: str) -> tuple[str, ...]:
        """List the coded values of a fact."""
        return self.vocabulary.fact(fact).codes

    def completions(self, fact: str, facts: Facts) -> list[Any]:
        """List values that an unknown fact could take: one for each way it could matter."""
        return self._queries.completions(fact, facts)

    def with_fact(self, evaluation: "Evaluation", fact: str, value: Any) -> "Evaluation":
        """Judge again after one fact changed; ``parcels[0].weight_kg`` is a field of an element."""
        facts = replaced(evaluation.facts, fact, value)
        return self._again(evaluation, facts, frozenset((general(fact),)))

    def with_facts(self, evaluation: "Evaluation", facts: Facts) -> "Evaluation":
        """Judge again after several facts changed, or were added; none is taken away."""
        return self._again(evaluation, {**evaluation.facts, **facts}, frozenset(facts))

    def _again(
        self, evaluation: "Evaluation", facts: Facts, changed: frozenset[str]
    ) -> "Evaluation":
        outside = evaluation.external
        state = self._program.again(evaluation.state, changed, facts.get, outside.get)
        return Evaluation(self, facts, outside, state)

    def view(self, of: Iterable[str], true: Iterable[str] = ()) -> View:
        """Make a view of the verdicts of some rules and definitions; some may not be in force.

        Args:
            of: ids of those of which false, unknown and true differ, for each element too.
            true: ids of those of which it only counts whether they are true of the whole subject.
        """
        return View(self._program, self._asked(tuple(of)), self._asked(tuple(true)))

    def rests_on(self, fact: str) -> frozenset[str]:
        """Name the rules and definitions whose verdicts rest on a fact; ``parcels[].weight_kg``."""
        places = self._program.resting_on(fact)
        return frozenset(name for kind, name in self.units if self.place(kind, name) in places)

    def trace(self, evaluation: "Evaluation") -> dict[str, Any]:
        """Write down compactly what was found: t, f or u for each definition, rule and leaf.

        The order is that of ``units``, then that of the leaves in the source; the same set gives
        the same order. Each row holds what was found for one element.
        """
        state = evaluation.state
        verdicts = _letters(state[: self._program.shown])
        rows = [[_letters(row) for row in state[place]] for place in self._row_places]
        return {"verdicts": verdicts, "rows": rows}

    def place(self, kind: str, name: str) -> int:
        """Where the verdict of a rule or definition stands in an evaluation; raises KeyError."""
        return self._program.places[kind, name]

    def row(self, kind: str, name: str) -> tuple[int, int]:
        """Where the verdicts of the elements stand in an evaluation; raises KeyError."""
        return self._program.rows[kind, name]


def _letters(codes: Iterable[int]) -> str:
    return bytes(codes).translate(_LETTERS).decode()


class Evaluation:
    """The verdicts for one subject; True, False, or None for unknown."""

    __slots__ = ("_undecided", "compiled", "external", "facts", "state")

    def __init__(
        self, compiled: Compiled, facts: Facts, external: Mapping[str, int], state: State
    ) -> None:
        """Keep what was judged and what came out."""
        self.compiled = compiled
        self.facts = facts
        self.external = external
        self.state = state
        self._undecided: Undecided | None = None

    @property
    def undecided(self) -> Undecided:
        """What could still change; found out when it is first asked for, piece by piece."""
        if self._undecided is None:
            self._undecided = self.compiled.search(self)
        return self._undecided

    def verdict(self, rule_id: str) -> Verdict:
        """Verdict of a rule; over a list, that it is true of any element.

        Raises:
            KeyError: the rule is not in force.
        """
        return self.of(("rule", rule_id))

    def items(self, rule_id: str) -> list[Verdict]:
        """Verdicts of a rule over a list, one for each element."""
        return self._items("rule", rule_id)

    def definition(self, name: str) -> Verdict:
        """Verdict of a definition."""
        return self.of(("defined", name))

    def definition_items(self, name: str) -> list[Verdict]:
        """Verdicts of a definition over a list, one for each element."""
        return self._items("defined", name)

    def _items(self, kind: str, name: str) -> list[Verdict]:
        rows, position = self.compiled.row(kind, name)
        return [VERDICT[row[position]] for row in self.state[rows]]

    def of(self, key: tuple[str, str], element: int | None = None) -> Verdict:
        """Verdict of a rule or definition by (kind, id), for the subject or for one element."""
        if element is not None:
            return self._items(*key)[element]
        code: int = self.state[self.compiled.place(*key)]
        return VERDICT[code]

    @property
    def verdicts(self) -> dict[str, Verdict]:
        """Verdicts of all rules."""
        state = self.state
        return {name: VERDICT[state[place]] for name, place in self.compiled.rule_places}
