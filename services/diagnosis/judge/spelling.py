"""Spells a question of a decision: what it asks for, and what the findings could change."""

from collections.abc import Collection, Iterable, Sequence

from diagnosis.judge.conclusions import INACTIVE, POSSIBLE, UNLISTED
from diagnosis.judge.decision import RankedQuestion
from diagnosis.judge.evaluated import Evaluated
from diagnosis.judge.examinations import SCREEN, Due
from diagnosis.judge.names import spelled
from diagnosis.judge.preparing import Facts
from diagnosis.judge.ranking import LIKELIHOOD, Ranked
from diagnosis.judge.ruleset import RulesInForce
from diagnosis.judge.screen import AGE, OPEN
from diagnosis.judge.what_if import Finding

MOST_FACTS = 6
MOST_CHANGES = 8


def question_of(place: Ranked, facts: Facts) -> RankedQuestion:
    """Spell what an examination asks for.

    Args:
        place: the examination in its place.
        facts: the prepared facts.
    """
    changes = changes_of(place.findings)
    if not changes and LIKELIHOOD in place.yields.asks:
        changes = (LIKELIHOOD,)
    asked, weight = _facts(facts, place.findings), len(place.questions)
    return _question(place.due.examination, place.due.rule, asked, changes, weight)


def question_of_section(
    section: str, findings: Sequence[Finding], questions: Collection[str], facts: Facts
) -> RankedQuestion:
    """Spell what a section of the vocabulary asks for.

    Args:
        section: its code.
        findings: what is missing, the most important first.
        questions: what that can settle.
        facts: the prepared facts.
    """
    changes = changes_of(findings)
    return _question(section, None, _facts(facts, findings), changes, len(questions))


def question_of_screen(rules: RulesInForce, evaluated: Evaluated, due: Due) -> RankedQuestion:
    """Spell what the screen asks for: its open items, and the flags that they can raise."""
    facts, screen = evaluated.evaluation.facts, evaluated.screen
    names = [spelled(name, facts) for item in screen.items for name in item.missing]
    names += [AGE] if AGE not in facts else []
    flags = _flags_of_open_items(rules, evaluated)
    changes = tuple(f"red_flag:{name}=lock" for name in flags)
    asked = tuple(dict.fromkeys(names))[:MOST_FACTS]
    return _question(SCREEN, due.rule, asked, changes[:MOST_CHANGES], len(flags))


def _question(
    examination: str,
    rule: str | None,
    facts: tuple[str, ...],
    changes: tuple[str, ...],
    weight: int,
) -> RankedQuestion:
    return RankedQuestion(
        examination=examination,
        rule=rule,
        facts=facts,
        could_change=changes,
        could_lock=any(change.endswith("=lock") for change in changes),
        could_hold=any(change.endswith("=hold") for change in changes),
        weight=weight,
    )


def _flags_of_open_items(rules: RulesInForce, evaluated: Evaluated) -> list[str]:
    """Name the red flags that open items of the screen can raise, those active left out."""
    active = {entry.id for entry in evaluated.active}
    tables = {table["n"]: table["rules"] for table in rules.screen}
    named = [
        rule for item in evaluated.screen.items if item.state in OPEN for rule in tables[item.n]
    ]
    return [rule for rule in dict.fromkeys(named) if rule not in active]


def _facts(facts: Facts, findings: Iterable[Finding]) -> tuple[str, ...]:
    """Spell the findings, the most important first."""
    names = dict.fromkeys(spelled(finding.fact, facts) for finding in findings)
    return tuple(names)[:MOST_FACTS]


def changes_of(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Spell what findings could change, a lock first; what follows from it goes without saying."""
    codes: dict[str, int] = {}
    for finding in findings:
        for changes in finding.changes:
            for conclusion, becomes in changes:
                code, rank = _code(conclusion, becomes)
                if code:
                    codes.setdefault(code, rank)
    if LIKELIHOOD in codes and any(code.startswith("likelihood=") for code in codes):
        del codes[LIKELIHOOD]
    return tuple(sorted(codes, key=codes.__getitem__))[:MOST_CHANGES]


_RANK = {"lock": 0, "hold": 1, INACTIVE: 4, "note": 5}


def _code(conclusion: str, becomes: str) -> tuple[str, int]:
    """Spell one change, with its rank among others; the category follows from the rest."""
    kind, _, rule = conclusion.partition(":")
    if kind == "red_flag":
        return f"red_flag:{rule}={becomes}", _RANK[becomes]
    if kind == "differential":
        return (f"differential:{rule}", 3) if becomes != UNLISTED else ("", 0)
    if kind == LIKELIHOOD:
        return f"likelihood={becomes}", 2
    return (LIKELIHOOD, 2) if kind == POSSIBLE else ("", 0)
