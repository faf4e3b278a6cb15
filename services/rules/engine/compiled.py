"""The rules in force on one date as one generated function, and what it answers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from rules.engine.explanation import Explainer
from rules.engine.interpreter import Interpreter
from rules.engine.kleene import CODE, VERDICT, Verdict
from rules.engine.program import Program, State
from rules.language.fact_paths import general, replaced
from rules.language.model import RuleInForce
from rules.language.nodes import Node
from rules.language.vocabulary import Vocabulary

Facts = Mapping[str, Any]
Derived = TypeVar("Derived")


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
        self._program = Program(self.units, vocabulary)
        self._run = self._program.run  # compiled now, so that the first case need not wait for it
        self.rule_places = [(rule.id, self._program.places["rule", rule.id]) for rule in rules]

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

    def place(self, kind: str, name: str) -> int:
        """Where the verdict of a rule or definition stands in an evaluation; raises KeyError."""
        return self._program.places[kind, name]

    def row(self, kind: str, name: str) -> tuple[int, int]:
        """Where the verdicts of the elements stand in an evaluation; raises KeyError."""
        return self._program.rows[kind, name]


class Evaluation:
    """The verdicts for one subject; True, False, or None for unknown."""

    __slots__ = ("_derived", "compiled", "external", "facts", "state")

    def __init__(
        self, compiled: Compiled, facts: Facts, external: Mapping[str, int], state: State
    ) -> None:
        """Keep what was judged and what came out."""
        self.compiled = compiled
        self.facts = facts
        self.external = external
        self.state = state
        self._derived: dict[Any, Any] = {}

    def derived(self, derive: "Callable[[Evaluation], Derived]") -> Derived:
        """Compute something from this evaluation when it is first asked for, and keep it."""
        if derive not in self._derived:
            self._derived[derive] = derive(self)
        value: Derived = self._derived[derive]
        return value

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
