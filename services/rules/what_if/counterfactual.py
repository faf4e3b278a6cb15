"""Replace the verdict of one rule, and judge again what depends on it."""

import functools
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from rules.engine.compiled import Compiled, Evaluation
from rules.engine.interpreter import Interpreter
from rules.engine.kleene import CODE, Verdict
from rules.engine.program import Program, Substitution
from rules.language.nodes import Node, Use, walk

Key = tuple[str, str]


class Counterfactuals:
    """Counterfactual evaluations of one program: what follows from another verdict of one rule.

    The facts stay as they are; only the verdict is replaced, for the whole subject and for each
    element, and every rule and definition that uses it is judged again. Rules and definitions with
    equal conditions share one verdict, which is replaced for all of them.
    """

    def __init__(self, compiled: Compiled, read: Collection[str]) -> None:
        """Look up once which rules and definitions use which.

        Args:
            compiled: the rules in force.
            read: ids of the rules and definitions that will be read afterwards; what leads to none
                of them is not judged again.
        """
        self._compiled = compiled
        self._read = [key for key in compiled.units if key[1] in read]
        self._users = _users(compiled, read)
        self._affected: dict[str, tuple[frozenset[Key], tuple[Key, ...]]] = {}
        self._substitutions: dict[str, Substitution] = {}

    def dependents(self, rule_id: str) -> frozenset[str]:
        """Name what can change with a rule: itself, and what leads from it to what is read."""
        forced, affected = self._reach(rule_id)
        return frozenset(name for _, name in (*forced, *affected))

    def with_verdict(self, evaluation: Evaluation, rule_id: str, verdict: Verdict) -> Evaluation:
        """Evaluate what follows if a rule has this verdict.

        Args:
            evaluation: what was judged.
            rule_id: a rule in force.
            verdict: the counterfactual verdict.

        Raises:
            KeyError: the rule is not in force.
        """
        if self._compiled.units["rule", rule_id][0]:
            return self._interpreted(evaluation, rule_id, verdict)
        if rule_id not in self._substitutions:
            self._substitutions[rule_id] = self._program.substitution(("rule", rule_id), self._read)
        facts, outside = evaluation.facts, evaluation.external
        substitute = self._substitutions[rule_id]
        state = substitute(evaluation.state, facts.get, outside.get, CODE[verdict])
        return Evaluation(self._compiled, facts, outside, state)

    @functools.cached_property
    def _program(self) -> Program:
        return Program(self._compiled.units, self._compiled.vocabulary, aliased=True)

    def _interpreted(self, evaluation: Evaluation, rule_id: str, verdict: Verdict) -> Evaluation:
        """Replace the verdict of a rule over a list, by walking the trees of its users."""
        forced, affected = self._reach(rule_id)
        state = list(evaluation.state)
        code = CODE[verdict]
        for key in forced:
            self._write(state, key, code, [code] * self._length(evaluation, key))
        if affected:
            judge = _Judge(evaluation, {*forced, *affected}, forced, code)
            for key in affected:
                elements = [judge.unit(key, at) for at in range(self._length(evaluation, key))]
                self._write(state, key, judge.unit(key), elements)
        return Evaluation(self._compiled, evaluation.facts, evaluation.external, state)

    def _reach(self, rule_id: str) -> tuple[frozenset[Key], tuple[Key, ...]]:
        if rule_id not in self._affected:
            place = self._compiled.place("rule", rule_id)
            units = self._compiled.units
            forced = frozenset(key for key in units if self._compiled.place(*key) == place)
            users: dict[Key, None] = {}
            waiting = list(forced)
            while waiting:
                for user in self._users.get(waiting.pop(), ()):
                    if user not in users and user not in forced:
                        users[user] = None
                        waiting.append(user)
            self._affected[rule_id] = forced, tuple(users)
        return self._affected[rule_id]

    def _length(self, evaluation: Evaluation, key: Key) -> int:
        over = self._compiled.units[key][0]
        return len(evaluation.facts.get(over) or ()) if over else 0

    def _write(self, state: list[Any], key: Key, code: int, elements: Sequence[int]) -> None:
        state[self._compiled.place(*key)] = code
        if elements:
            rows, position = self._compiled.row(*key)
            state[rows] = [
                (*row[:position], element_code, *row[position + 1 :])
                for row, element_code in zip(state[rows], elements, strict=True)
            ]


class _Judge(Interpreter):
    """Judges what is affected by walking its tree, and takes the rest from the evaluation."""

    def __init__(
        self, evaluation: Evaluation, changed: set[Key], forced: frozenset[Key], code: int
    ) -> None:
        compiled = evaluation.compiled
        super().__init__(compiled.units, compiled.vocabulary, evaluation.facts, evaluation.external)
        self._evaluation = evaluation
        self._changed = changed
        self._forced = forced
        self._code = code

    def unit(self, key: Key, position: int | None = None) -> int:
        """Judge one rule or definition, if its verdict can have changed."""
        if key in self._forced:
            return self._code
        if key in self._changed or key not in self.units:
            return super().unit(key, position)
        compiled, state = self._evaluation.compiled, self._evaluation.state
        if position is None or self.units[key][0] is None:
            return int(state[compiled.place(*key)])
        rows, at = compiled.row(*key)
        return int(state[rows][position][at])


def _users(compiled: Compiled, read: Collection[str]) -> Mapping[Key, list[Key]]:
    """Map what is used to what uses it and leads to what is read."""
    used = {key: set(_used(condition)) for key, (_, condition) in compiled.units.items()}
    leading: set[Key] = set()
    waiting = [key for key in used if key[1] in read]
    while waiting:
        key = waiting.pop()
        if key not in leading:
            leading.add(key)
            waiting += used.get(key, ())
    users: dict[Key, list[Key]] = {}
    for key, within in used.items():
        for part in within if key in leading else ():
            users.setdefault(part, []).append(key)
    return users


def _used(condition: Node) -> Iterator[Key]:
    for node in walk(condition):
        if isinstance(node, Use):
            yield node.unit
