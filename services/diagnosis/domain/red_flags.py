"""Red flags: which are active, how urgent, what they stop, and which are still undecided."""

import dataclasses
from typing import Any

from diagnosis.domain.evidence import found
from diagnosis.domain.naming import readable
from diagnosis.domain.ruleset import TRUE, UNKNOWN, Flag, Grade, RulesInForce
from rules import Evaluation

URGENCIES = ("emergency", "same_day", "urgent", "hold", "routine")
GROUPS = ("needle", "energy", "manual")


@dataclasses.dataclass(frozen=True)
class ActiveFlag:
    """A red flag that is active, with the grade that applies."""

    flag: Flag
    grade: Grade

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
    return ActiveFlag(flag, grade_of(rules, evaluation, flag))


def grade_of(rules: RulesInForce, evaluation: Evaluation, flag: Flag) -> Grade:
    """Take the first grade that is certainly true; the last one always is."""
    for grade in flag.grades[:-1]:
        if grade.when and rules.code(evaluation, grade.when) == TRUE:
            return grade
    return flag.grades[-1]


def describe_flags(
    rules: RulesInForce,
    evaluation: Evaluation,
    active: list[ActiveFlag],
    screen: dict[str, Any],
) -> dict[str, Any]:
    """Write the part of the assessment that comes first.

    Args:
        rules: the rules in force.
        evaluation: their verdicts.
        active: what ``active_flags`` found.
        screen: what ``describe_screen`` wrote.
    """
    locks = [entry.id for entry in active if entry.effect == "lock"]
    holds = [entry.id for entry in active if entry.effect == "hold"]
    return {
        "headline": _headline(active, screen),
        "locked": bool(locks),
        "locks": locks,
        "hold": bool(holds),
        "holds": holds,
        "withheld": withheld(active),
        "active": [_active(rules, evaluation, entry) for entry in active],
        "undecided": [_undecided(rules, evaluation, flag) for flag in _open(rules, evaluation)],
        "screen": screen,
    }


def withheld(active: list[ActiveFlag]) -> dict[str, list[str]]:
    """Say for needle, energy and manual treatment which red flags withhold it."""
    return {
        group: [entry.id for entry in active if group in entry.grade.withholds] for group in GROUPS
    }


def _headline(active: list[ActiveFlag], screen: dict[str, Any]) -> dict[str, Any] | None:
    first = active[0] if active else None
    if screen_comes_first(active, complete=screen["complete"]):
        return {
            "rule": "RFS-13",
            "title": "Red-flag screen incomplete",
            "urgency": "hold",
            "action": f"Ask what is missing first ({screen['sentence']}). "
            "What was not asked is not a no.",
        }
    if first is None:
        return None
    most = min((entry.grade.urgency for entry in active), key=URGENCIES.index)
    return {
        "rule": first.id,
        "title": first.flag.rule.title,
        "urgency": most if first.flag.out_of_scope else first.grade.urgency,
        "action": first.grade.action,
    }


def screen_comes_first(active: list[ActiveFlag], *, complete: bool) -> bool:
    """Whether the incomplete screen is the headline: it comes before whatever is only routine."""
    return not complete and (not active or active[0].grade.urgency == "routine")


def _active(rules: RulesInForce, evaluation: Evaluation, entry: ActiveFlag) -> dict[str, Any]:
    rule, grade = entry.flag.rule, entry.grade
    return {
        "rule": rule.id,
        "title": rule.title,
        "urgency": grade.urgency,
        "action": grade.action,
        "locks": grade.effect == "lock",
        "holds": grade.effect == "hold",
        "withholds": list(grade.withholds),
        "found": found(rules, evaluation, rule.id),
        "because": rule.because,
        "notes": notes(rules, evaluation, rule.then),
        "strength": strength(rule),
        "project_choice": rule.project_choice,
        "sources": list(rule.sources),
    }


def _open(rules: RulesInForce, evaluation: Evaluation) -> list[Flag]:
    return [flag for flag in rules.flags if rules.code(evaluation, flag.rule.id) == UNKNOWN]


def _undecided(rules: RulesInForce, evaluation: Evaluation, flag: Flag) -> dict[str, Any]:
    missing = rules.compiled.undecided_facts(evaluation, of=[flag.rule.id])
    return {
        "rule": flag.rule.id,
        "title": flag.rule.title,
        "missing": readable(rules, evaluation.facts, missing),
    }


def notes(
    rules: RulesInForce, evaluation: Evaluation, then: Any, nodule: int | None = None
) -> list[str]:
    """Collect the remarks of a rule whose conditions are certainly true, of one nodule if named."""
    return [
        note["sentence"]
        for note in then.get("notes", ())
        if rules.code(evaluation, note["when"], nodule) == TRUE
    ]


def strength(rule: Any) -> str:
    """Say the strength of a rule in words, with its qualification."""
    return f"{rule.strength} ({rule.strength_note})" if rule.strength_note else str(rule.strength)
