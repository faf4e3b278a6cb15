"""The rules in force on one date as one generated function, and what it answers."""

import dataclasses
import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chassis.knowledge import kleene
from chassis.knowledge.generator import Generator
from chassis.knowledge.kleene import CODE, VERDICT, Verdict
from chassis.knowledge.nodes import Node
from chassis.knowledge.schedule import steps
from chassis.knowledge.vocabulary import Vocabulary

Facts = Mapping[str, Any]
_TOOLS = {
    "NOT": kleene.NOT,
    "counted": kleene.counted,
    "fall_percent": kleene.fall_percent,
    "fall_points": kleene.fall_points,
}


@dataclasses.dataclass(frozen=True)
class RuleInForce:
    """One rule as it stands on a date."""

    id: str
    title: str
    over: str | None
    start: datetime.date
    end: datetime.date | None
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
        source: the generated Python source, for the curious.
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
        self._generate()

    def _generate(self) -> None:
        generator = Generator(self.vocabulary)
        generator.run(steps(self.units))
        names = [name for statement in generator.statements for name in statement.targets]
        self._index = {name: position for position, name in enumerate(names)}
        self.source = _function("evaluate", generator, names)
        space: dict[str, Any] = {**_TOOLS, **generator.constants}
        exec(compile(self.source, "<rules in force>", "exec"), space)  # noqa: S102 - our own source, no text of it from outside
        self._run: Callable[..., list[Any]] = space["evaluate"]
        self._generator = generator
        self._places = {key: self._index.get(name, name) for key, name in generator.places.items()}
        self._rows = {
            key: (self._index[name], at)
            for key, (name, at) in generator.rows.items()
            if key in self.units
        }

    def evaluate(self, facts: Facts, external: Mapping[str, Verdict] | None = None) -> "Evaluation":
        """Judge all rules; facts that are missing or None are unknown.

        Args:
            facts: flat facts; a list is a list of flat dicts.
            external: verdicts of rules that are decided elsewhere; what is missing is unknown.
        """
        outside = {name: CODE[verdict] for name, verdict in external.items()} if external else {}
        return Evaluation(self, facts, outside, self._run(facts.get, outside.get))

    def place(self, kind: str, name: str) -> int:
        """Where the verdict of a rule or definition stands in an evaluation; raises KeyError."""
        return self._places[kind, name]  # type: ignore[return-value]

    def row(self, kind: str, name: str) -> tuple[int, int]:
        """Where the verdicts of the elements stand in an evaluation; raises KeyError."""
        return self._rows[kind, name]


def _function(name: str, generator: Generator, names: Sequence[str]) -> str:
    lines = [line for statement in generator.statements for line in statement.lines]
    return (
        "\n    ".join([f"def {name}(get, outside):", *lines, f"return [{', '.join(names)}]"]) + "\n"
    )


class Evaluation:
    """The verdicts for one subject; True, False, or None for unknown."""

    __slots__ = ("compiled", "external", "facts", "state")

    def __init__(
        self, compiled: Compiled, facts: Facts, external: Mapping[str, int], state: list[Any]
    ) -> None:
        """Keep what was judged and what came out."""
        self.compiled = compiled
        self.facts = facts
        self.external = external
        self.state = state

    def verdict(self, rule_id: str) -> Verdict:
        """Verdict of a rule; of one over a list: true of any element; raises KeyError when not in force."""
        return VERDICT[self.state[self.compiled.place("rule", rule_id)]]

    def items(self, rule_id: str) -> list[Verdict]:
        """Verdicts of a rule over a list, one for each element."""
        return self._items("rule", rule_id)

    def definition(self, name: str) -> Verdict:
        """Verdict of a definition."""
        return VERDICT[self.state[self.compiled.place("defined", name)]]

    def definition_items(self, name: str) -> list[Verdict]:
        """Verdicts of a definition over a list, one for each element."""
        return self._items("defined", name)

    def _items(self, kind: str, name: str) -> list[Verdict]:
        rows, position = self.compiled.row(kind, name)
        return [VERDICT[row[position]] for row in self.state[rows]]

    @property
    def verdicts(self) -> dict[str, Verdict]:
        """Verdicts of all rules."""
        return {rule.id: self.verdict(rule.id) for rule in self.compiled.rules}
