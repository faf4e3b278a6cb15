"""Changes knowledge a little, one place at a time, and asks whether any rule case notices."""

import copy
import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tools.rules.cases import RuleCase, outcome, units_on

from rules.engine.interpreter import Units
from rules.language.conditions import Names, Reader
from rules.language.model import Knowledge
from rules.language.nodes import COMPARISONS, COUNTS, Node, Use, walk
from rules.language.vocabulary import Vocabulary

Key = tuple[str, str]
Path = tuple[str | int, ...]
Place = tuple[Path, Mapping[str, Any], tuple[str, ...]]  # where, what, inside which lists
_LEAVES = {"fact", "item", "outer_item", "fall_percent", "fall_points"}


@dataclasses.dataclass(frozen=True)
class Mutant:
    """One small change of one condition: where, what, and the condition that it makes."""

    key: Key
    file: str
    place: str
    change: str
    condition: Node
    start: Any = None

    def __str__(self) -> str:
        """Show as one line."""
        return f"{self.file}: {self.place}: {self.change}"


def mutants(knowledge: Knowledge) -> Iterator[Mutant]:
    """Negate each leaf, and move each threshold one step up and down, in every condition."""
    vocabulary = knowledge.vocabulary
    names = Names(
        vocabulary,
        {rule.id: rule.over for rule in knowledge.rules.values()},
        {entry.id: entry.over for entry in knowledge.definitions.values()},
        knowledge.external,
    )
    for entry in knowledge.definitions.values():
        key = ("defined", entry.id)
        for place, change, table in _variants(entry.table["when"], vocabulary, entry.over):
            condition = Reader(names, entry.over).read(table)
            yield Mutant(key, entry.file, place, change, condition)
    for rule in knowledge.rules.values():
        key = ("rule", rule.id)
        for version in rule.versions if rule.status != "draft" else ():
            for place, change, table in _variants(version.when, vocabulary, rule.over):
                condition = Reader(names, rule.over).read(table)
                yield Mutant(key, rule.file, place, change, condition, version.start)


def survivors(knowledge: Knowledge, cases: Sequence[RuleCase]) -> list[Mutant]:
    """List the mutants that every case still accepts; a case that fails anyway proves nothing."""
    trial = _Trial(knowledge, cases)
    return [mutant for mutant in mutants(knowledge) if not trial.killed(mutant)]


class _Trial:
    """Tries mutants on the cases of those rules that rest on the changed condition."""

    def __init__(self, knowledge: Knowledge, cases: Sequence[RuleCase]) -> None:
        self.knowledge = knowledge
        self._units: dict[Any, dict[Key, tuple[str | None, Node]]] = {}
        sound = [case for case in cases if outcome(case, knowledge) is case.expect]
        self._cases = [(case, self._needs(case)) for case in sound]

    def killed(self, mutant: Mutant) -> bool:
        """Whether some case notices; the mutated rule's own cases are asked first."""
        concerned = [case for case, needed in self._cases if mutant.key in needed]
        concerned.sort(key=lambda case: case.key != mutant.key)
        return any(self._notices(case, mutant) for case in concerned)

    def _notices(self, case: RuleCase, mutant: Mutant) -> bool:
        units = self._units_of(case)
        if mutant.start is not None and self._start(case, mutant.key) != mutant.start:
            return False
        changed = {**units, mutant.key: (units[mutant.key][0], mutant.condition)}
        return outcome(case, self.knowledge, changed) is not case.expect

    def _start(self, case: RuleCase, key: Key) -> Any:
        version = self.knowledge.rules[key[1]].on(case.date(self.knowledge))
        return version.start if version else None

    def _units_of(self, case: RuleCase) -> Units:
        on = case.date(self.knowledge)
        if on not in self._units:
            self._units[on] = dict(units_on(self.knowledge, on))
        return self._units[on]

    def _needs(self, case: RuleCase) -> set[Key]:
        units, needed, waiting = self._units_of(case), set(), [case.key]
        while waiting:
            key = waiting.pop()
            if key in units and key not in needed:
                needed.add(key)
                waiting += [node.unit for node in walk(units[key][1]) if isinstance(node, Use)]
        return needed


def _variants(
    table: Mapping[str, Any], vocabulary: Vocabulary, over: str | None
) -> Iterator[tuple[str, str, Any]]:
    """Make every small change of a condition as written: (place, what was done, new table)."""
    for path, leaf, scope in _leaves(table, (), (over,) if over else ()):
        for change, replacement in _changes(leaf, vocabulary, scope):
            root = {"when": copy.deepcopy(dict(table))}
            *steps, last = ("when", *path)
            target: Any = root
            for step in steps:
                target = target[step]
            target[last] = replacement
            yield ".".join(map(str, (*steps, last))), change, root["when"]


def _leaves(table: Any, path: Path, scope: tuple[str, ...]) -> Iterator[Place]:
    """Visit leaves, verdicts and counted things with the lists that they stand in."""
    for key in ("all", "any", "count"):
        for index, part in enumerate(table.get(key, ())):
            yield from _leaves(part, (*path, key, index), scope)
    if "not" in table:
        yield from _leaves(table["not"], (*path, "not"), scope)
    for key in ("any_of", "all_of", "none_of", "count_of"):
        if key in table:
            yield from _leaves(table["where"], (*path, "where"), (*scope, table[key]))
    if not {"all", "any", "not"} & set(table):
        yield path, table, scope


def _changes(
    table: Mapping[str, Any], vocabulary: Vocabulary, scope: tuple[str, ...]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Make the small changes of one leaf, or of one count."""
    counts = [key for key in COUNTS if key in table and ("count" in table or "count_of" in table)]
    for key in counts:
        size = len(table["count"]) if "count" in table else table[key] + 1
        for number in (table[key] - 1, table[key] + 1):
            if 0 <= number <= size:
                yield f"{key} = {number}", {**table, key: number}
    if {"rule", "defined"} & set(table):
        yield "negated", {"not": dict(table)}
    if "compare" in table:
        yield from _compare_changes(table)
    if _LEAVES & set(table):
        yield from _leaf_changes(table, vocabulary, scope)


def _compare_changes(table: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "negated", {"not": dict(table)}
    sharper = {"above": "at_least", "at_least": "above", "below": "at_most", "at_most": "below"}
    if table["is"] in sharper:
        yield f"is = {sharper[table['is']]}", {**table, "is": sharper[table["is"]]}


def _leaf_changes(
    table: Mapping[str, Any], vocabulary: Vocabulary, scope: tuple[str, ...]
) -> Iterator[tuple[str, dict[str, Any]]]:
    comparison = next(key for key in COMPARISONS if key in table)
    expected = table[comparison]
    yield "negated", {"not": dict(table)}
    step = _step(table, vocabulary, scope)
    if step is None or comparison == "known":
        return
    numbers = expected if isinstance(expected, list) else [expected]
    for position, number in enumerate(numbers):
        for moved in (_tidy(number - step), _tidy(number + step)):
            all_moved = [*numbers[:position], moved, *numbers[position + 1 :]]
            value = all_moved if isinstance(expected, list) else moved
            yield f"{comparison} = {value}", {**table, comparison: value}


def _step(table: Mapping[str, Any], vocabulary: Vocabulary, scope: tuple[str, ...]) -> float | None:
    """How far a threshold is moved; None when there is no threshold."""
    if "fact" in table:
        fact = vocabulary.facts.get(table["fact"])
    elif "item" in table or "outer_item" in table:
        depth = -1 if "item" in table else -2
        fact = vocabulary.list(scope[depth]).fields[table.get("item") or table["outer_item"]]
    else:
        return 1
    return fact.step if fact and fact.numeric else None


def _tidy(number: float) -> float:
    return round(number, 9)
