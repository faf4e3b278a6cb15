"""Red flags in the document: what comes first, what is active, what is undecided."""

from collections.abc import Mapping
from typing import Any

from diagnosis.judge.names import readable, spelled_together
from diagnosis.judge.red_flags import ActiveFlag, headline, undecided_flags, withheld
from diagnosis.judge.screen import OPEN, ScreenItem
from diagnosis.judge.tables import Flag
from diagnosis.write.case import Case
from diagnosis.write.evidence import evidence


def describe_flags(case: Case) -> dict[str, Any]:
    """Write the part of the assessment that comes first."""
    active, rules = case.evaluated.active, case.rules
    locks = [entry.id for entry in active if entry.effect == "lock"]
    holds = [entry.id for entry in active if entry.effect == "hold"]
    return {
        "headline": _headline(case),
        "locked": bool(locks),
        "locks": locks,
        "hold": bool(holds),
        "holds": holds,
        "withheld": {group: list(names) for group, names in withheld(active).items()},
        "active": [_active(case, entry) for entry in active],
        "undecided": [_undecided(case, flag) for flag in undecided_flags(rules, case.evaluation)],
        "screen": describe_screen(case),
    }


def describe_screen(case: Case) -> dict[str, Any]:
    """Write the screen, item by item."""
    screen = case.evaluated.screen
    return {
        "answered": screen.answered,
        "of": len(screen.items),
        "complete": screen.complete,
        "sentence": screen_sentence(case),
        "items": [
            _item(case, item, table)
            for item, table in zip(screen.items, case.rules.screen, strict=True)
        ],
    }


def screen_sentence(case: Case) -> str:
    """Say how much of the screen is answered."""
    screen = case.evaluated.screen
    return case.text("screen.sentence", answered=screen.answered, of=len(screen.items))


def _item(case: Case, item: ScreenItem, table: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "n": item.n,
        "asks": table["asks"],
        "state": item.state,
        "missing": spelled_together(item.missing, case.facts),
        "sources": list(table["sources"]) if item.state in OPEN else [],
    }


def _headline(case: Case) -> dict[str, Any] | None:
    active, complete = case.evaluated.active, case.evaluated.screen.complete
    first = headline(case.rules, active, complete=complete)
    if first is None:
        return None
    if first.grade is None:
        return {
            "rule": first.rule,
            "title": case.text("screen.title"),
            "urgency": first.urgency,
            "action": case.text("screen.action", screen=screen_sentence(case)),
        }
    return {
        "rule": first.rule,
        "title": case.rules.rules[first.rule].title,
        "urgency": first.urgency,
        "action": active[0].grade.action,
    }


def _active(case: Case, entry: ActiveFlag) -> dict[str, Any]:
    rule, grade = entry.flag.rule, entry.grade
    return {
        "rule": rule.id,
        "title": rule.title,
        "urgency": grade.urgency,
        "action": grade.action,
        "locks": grade.effect == "lock",
        "holds": grade.effect == "hold",
        "withholds": list(grade.withholds),
        "found": evidence(case, rule.id),
        "because": rule.because,
        "notes": notes(case, rule.then),
        "strength": strength(rule),
        "project_choice": rule.project_choice,
        "sources": list(rule.sources),
    }


def _undecided(case: Case, flag: Flag) -> dict[str, Any]:
    missing = case.rules.compiled.undecided_facts(case.evaluation, of=[flag.rule.id])
    return {
        "rule": flag.rule.id,
        "title": flag.rule.title,
        "missing": readable(case.rules, case.facts, missing),
    }


def notes(case: Case, then: Mapping[str, Any], nodule: int | None = None) -> list[str]:
    """Collect the remarks of a rule whose conditions are certainly true, of one nodule if named."""
    return [
        note["sentence"] for note in then.get("notes", ()) if case.is_true(note["when"], nodule)
    ]


def strength(rule: Any) -> str:
    """Name the strength of a rule, with its qualification."""
    return f"{rule.strength} ({rule.strength_note})" if rule.strength_note else str(rule.strength)
