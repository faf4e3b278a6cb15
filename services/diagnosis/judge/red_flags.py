"""Red flags: which are active, how urgent, what they stop, and which are still undecided."""

import dataclasses
from collections.abc import Sequence
from typing import cast

from diagnosis.judge.decision import FlagRef, Urgency
from diagnosis.judge.ruleset import TRUE, UNKNOWN, RulesInForce
from diagnosis.judge.tables import GROUPS, Flag, Grade
from rules import Evaluation

URGENCIES = ("emergency", "same_day", "urgent", "hold", "routine")


@dataclasses.dataclass(frozen=True)
class ActiveFlag:
    """A red flag that is active, with the grade that applies."""

    flag: Flag
    at: int  # position of the grade

    @property
    def grade(self) -> Grade:
        """The grade that applies."""
        return self.flag.grades[self.at]

    @property
    def id(self) -> str:
        """Id of the rule."""
        return self.flag.rule.id

    @property
    def effect(self) -> str:
        """What it does: lock, hold or note."""
        return self.grade.effect

    def order(self) -> tuple[bool, int, str]:
        """Rank for people: out of scope first, then by urgency, then by id."""
        return not self.flag.out_of_scope, URGENCIES.index(self.grade.urgency), self.id


def active_flags(rules: RulesInForce, evaluation: Evaluation) -> list[ActiveFlag]:
    """List the active red flags, the most urgent first."""
    active = [
        activated(rules, evaluation, flag)
        for flag in rules.flags
        if rules.is_true(evaluation, flag.rule.id)
    ]
    return sorted(active, key=ActiveFlag.order)


def activated(rules: RulesInForce, evaluation: Evaluation, flag: Flag) -> ActiveFlag:
    """Give a flag the grade that it has, or would have, when it is active."""
    return ActiveFlag(flag, grade_at(rules, evaluation, flag))


def grade_at(rules: RulesInForce, evaluation: Evaluation, flag: Flag) -> int:
    """Return the position of the first grade that is certainly true; the last one always is."""
    last = len(flag.grades) - 1
    for at in range(last):
        when = flag.grades[at].when
        if when and rules.code(evaluation, when) == TRUE:
            return at
    return last


def grade_of(rules: RulesInForce, evaluation: Evaluation, flag: Flag) -> Grade:
    """Return the grade that an active flag has."""
    return flag.grades[grade_at(rules, evaluation, flag)]


def withheld(active: Sequence[ActiveFlag]) -> dict[str, tuple[str, ...]]:
    """List for needle, energy and manual treatment which red flags withhold it."""
    return {
        group: tuple(entry.id for entry in active if group in entry.grade.withholds)
        for group in GROUPS
    }


def undecided_flags(rules: RulesInForce, evaluation: Evaluation) -> list[Flag]:
    """List the red flags that are neither active nor excluded."""
    return [flag for flag in rules.flags if rules.code(evaluation, flag.rule.id) == UNKNOWN]


def screen_comes_first(active: Sequence[ActiveFlag], *, complete: bool) -> bool:
    """Tell whether the incomplete screen is the headline: it precedes what is only routine."""
    return not complete and (not active or active[0].grade.urgency == "routine")


def headline(
    rules: RulesInForce, active: Sequence[ActiveFlag], *, complete: bool
) -> FlagRef | None:
    """Choose what comes first: the incomplete screen, or the first active flag.

    A flag that is out of scope takes the urgency of the most urgent one.
    """
    if screen_comes_first(active, complete=complete):
        return FlagRef(rule=rules.screen_rule, urgency="hold", grade=None)
    if not active:
        return None
    first = active[0]
    urgency = first.grade.urgency
    if first.flag.out_of_scope:
        urgency = min((entry.grade.urgency for entry in active), key=URGENCIES.index)
    return FlagRef(rule=first.id, urgency=cast("Urgency", urgency), grade=first.at)
