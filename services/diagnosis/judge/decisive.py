"""Which rules were decisive: had one come out otherwise, the answer would have been another.

A rule is *decisive* in an assessment if replacing its verdict by one of the two others (of true,
false and unknown), while every finding stays as recorded and everything that uses the verdict is
judged again, changes at least one of these: the category; the rule that is the headline; whether
treatment is locked; whether it is held. The rule of the screen is judged in the same sense: it
fires while the screen is incomplete, and its other verdict is that the screen is complete.
"""

import functools
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from diagnosis.judge.evaluated import Evaluated, evaluate
from diagnosis.judge.likelihood import judge_likelihood
from diagnosis.judge.preparing import Facts
from diagnosis.judge.red_flags import (
    ActiveFlag,
    activated,
    active_flags,
    grade_of,
    screen_comes_first,
)
from diagnosis.judge.ruleset import CATEGORY_LOCKED, RulesInForce
from diagnosis.judge.screen import judge_screen
from diagnosis.judge.tables import Flag
from rules import Evaluation, Knowledge
from rules.catalogue.tally import letters
from rules.engine.kleene import Verdict
from rules.what_if.counterfactual import Counterfactuals

VERDICTS: Final[tuple[Verdict, ...]] = (True, False, None)


class Outcome(NamedTuple):
    """What a rule must be able to change to be called decisive."""

    category: str
    headline: str | None
    locked: bool
    held: bool


def tallied(knowledge: Knowledge) -> tuple[str, ...]:
    """Name what `verdict_letters` writes a letter for, in this order."""
    return (*knowledge.rules, knowledge.other["screen.toml"]["rule"])


def verdict_letters(rules: RulesInForce, evaluated: Evaluated) -> str:
    """Write how each rule of the set came out; see `tally`."""
    verdicts = evaluated.evaluation.verdicts
    verdicts[rules.screen_rule] = not evaluated.screen.complete
    return letters(rules.tallied, verdicts)


def can_decide(rules: RulesInForce) -> frozenset[str]:
    """Name the rules that can be decisive at all; for the others the answer stands."""
    return frozenset({*_deciding(rules).rules, rules.screen_rule})


def decisive_rules(rules: RulesInForce, evaluated: Evaluated) -> frozenset[str]:
    """Name the rules that were decisive for a judged case."""
    trial = _Trial(rules, evaluated)
    return frozenset(name for name in can_decide(rules) if trial.decides(name))


def decisive_verdict(rules: RulesInForce, facts: Facts, name: str) -> tuple[Verdict, ...]:
    """Give the verdict by which a rule was decisive for a case; nothing if it was not.

    Args:
        rules: the rules in force.
        facts: flat facts as recorded.
        name: id of the rule.
    """
    if name not in can_decide(rules):
        return ()
    evaluated = evaluate(facts, rules)
    if not _Trial(rules, evaluated).decides(name):
        return ()
    screen = name == rules.screen_rule
    return (not evaluated.screen.complete if screen else evaluated.evaluation.verdict(name),)


def locks_of(active: Iterable[ActiveFlag]) -> frozenset[str]:
    """Name the flags that lock."""
    return frozenset(entry.id for entry in active if entry.effect == "lock")


class _Deciding:
    """What can be looked up before any case is there."""

    def __init__(self, rules: RulesInForce) -> None:
        lines = (*rules.lines, *rules.lines_without_nodule)
        read = {name for line in lines for name in (*line.when, *line.when_recorded)}
        read |= {*rules.lowering.nodule, *rules.lowering.without_nodule}
        read.add(rules.roles.unnamed_block)
        flags = {flag.rule.id for flag in rules.flags}
        graded = {grade.when for flag in rules.flags for grade in flag.grades if grade.when}
        self.counterfactuals = Counterfactuals(rules.compiled, read | flags | graded)
        reached = {name: self.counterfactuals.dependents(name) for name in rules.rules}
        self.likelihood = {name for name, found in reached.items() if found & read}
        self.flags = {name for name, found in reached.items() if found & (flags | graded)}
        self.alone = {
            flag.rule.id: flag for flag in rules.flags if reached[flag.rule.id] == {flag.rule.id}
        }
        self.rules = [name for name in rules.rules if name in self.likelihood | self.flags]


@functools.lru_cache(maxsize=8)
def _deciding(rules: RulesInForce) -> _Deciding:
    return _Deciding(rules)


class _Trial:
    """One judged case, in which one verdict after the other is replaced."""

    def __init__(self, rules: RulesInForce, evaluated: Evaluated) -> None:
        self._rules = rules
        self._evaluated = evaluated
        self._known = _deciding(rules)
        self._complete: dict[frozenset[str], bool] = {
            locks_of(self._evaluated.active): self._evaluated.screen.complete
        }
        self._active = {entry.id: entry for entry in self._evaluated.active}
        self._now = self._outcome(self._evaluated.evaluation, self._evaluated.active)

    def decides(self, name: str) -> bool:
        """Tell whether a rule that can decide does."""
        evaluation, known = self._evaluated.evaluation, self._known
        if name == self._rules.screen_rule:  # the headline would be another
            return screen_comes_first(self._evaluated.active, complete=False)
        if name in known.alone:
            return self._flag_decides(evaluation, known.alone[name])
        if name in known.flags:
            others = self._others(evaluation, name)
            return any(self._other_outcome(other) != self._now for other in others)
        return not self._now.locked and self._moves_likelihood(evaluation, name)

    def _moves_likelihood(self, evaluation: Evaluation, name: str) -> bool:
        """Suppose the two other verdicts of a rule on which no flag rests."""
        answer = self._evaluated.likelihood.answer
        return any(
            judge_likelihood(self._rules, other).answer != answer
            for other in self._others(evaluation, name)
        )

    def _flag_decides(self, evaluation: Evaluation, flag: Flag) -> bool:
        """Suppose a flag active or not; a first one that locks or holds decides by that alone."""
        if flag.rule.id not in self._active:
            effect = grade_of(self._rules, evaluation, flag).effect
            first_lock = effect == "lock" and not self._now.locked
            if first_lock or (effect == "hold" and not self._now.held):
                return True
        return self._other_flag(evaluation, flag) != self._now

    def _other_flag(self, evaluation: Evaluation, flag: Flag) -> Outcome:
        """Suppose a flag active or not; nothing else rests on it, and unknown is not active."""
        others = [entry for name, entry in self._active.items() if name != flag.rule.id]
        if flag.rule.id not in self._active:
            others = sorted(
                [*others, activated(self._rules, evaluation, flag)], key=ActiveFlag.order
            )
        return self._outcome(evaluation, others)

    def _others(self, evaluation: Evaluation, name: str) -> Iterator[Evaluation]:
        """Suppose the two other verdicts of a rule on which others rest."""
        for verdict in VERDICTS:
            if verdict is not evaluation.verdict(name):
                yield self._known.counterfactuals.with_verdict(evaluation, name, verdict)

    def _other_outcome(self, evaluation: Evaluation) -> Outcome:
        return self._outcome(evaluation, active_flags(self._rules, evaluation))

    def _outcome(self, evaluation: Evaluation, active: list[ActiveFlag]) -> Outcome:
        effects = {entry.effect for entry in active}
        locked = "lock" in effects
        return Outcome(
            CATEGORY_LOCKED if locked else self._likelihood(evaluation),
            self._headline(evaluation, active),
            locked,
            "hold" in effects,
        )

    def _likelihood(self, evaluation: Evaluation) -> str:
        if evaluation is self._evaluated.evaluation:
            return self._evaluated.likelihood.answer
        return judge_likelihood(self._rules, evaluation).answer

    def _headline(self, evaluation: Evaluation, active: list[ActiveFlag]) -> str | None:
        if screen_comes_first(active, complete=False) and not self._screened(evaluation, active):
            return self._rules.screen_rule
        return active[0].id if active else None

    def _screened(self, evaluation: Evaluation, active: list[ActiveFlag]) -> bool:
        """Whether the screen is complete; of the verdicts only the locks can change that."""
        locks = locks_of(active)
        if locks not in self._complete:
            self._complete[locks] = judge_screen(self._rules, evaluation, active).complete
        return self._complete[locks]
