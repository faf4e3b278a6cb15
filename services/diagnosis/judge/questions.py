"""The questions of one screen: at most three, ranked by what their findings could change."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from diagnosis.judge.conclusions import INACTIVE, POSSIBLE, UNLISTED
from diagnosis.judge.decision import RankedQuestion
from diagnosis.judge.evaluated import Evaluated
from diagnosis.judge.examinations import SCREEN, Due, due_examinations
from diagnosis.judge.names import spelled
from diagnosis.judge.preparing import Facts
from diagnosis.judge.ranking import LIKELIHOOD, Ranked, finds, questions_of, ranked, yielded
from diagnosis.judge.red_flags import headline
from diagnosis.judge.ruleset import RulesInForce
from diagnosis.judge.screen import AGE, OPEN
from diagnosis.judge.what_if import (
    IMAGING,
    Finding,
    WhatIf,
    candidates,
    unimaged,
)

MOST_QUESTIONS = 3
MOST_FACTS = 6
MOST_CHANGES = 8
AT_ONCE = frozenset({"emergency", "same_day"})


def due_and_questions(
    rules: RulesInForce, evaluated: Evaluated, recorded: Facts
) -> tuple[list[Due], tuple[RankedQuestion, ...]]:
    """Rank the examinations that are due, and choose the questions of the screen.

    While a red flag that needs help at once locks, nothing is asked here. What the screen asks is
    not supposed value by value: its items name the red flags that they can raise.

    Args:
        rules: the rules in force.
        evaluated: the judged case.
        recorded: the facts before they were prepared.
    """
    due = due_examinations(rules, evaluated)
    if deferred(rules, evaluated):
        return sorted(due, key=lambda one: (one.examination != SCREEN, one.rule)), ()
    asked = [finds(rules, one.examination) for one in due if one.examination != SCREEN]
    findings = _supposed(rules, evaluated, recorded, frozenset().union(*asked))
    places = ranked(rules, due, findings)
    groups = [_Group.of_examination(rules, evaluated, place) for place in places]
    groups += _others(rules, evaluated, due, findings)
    chosen = sorted((one for one in groups if one.asks), key=_Group.place)[:MOST_QUESTIONS]
    return [place.due for place in places], tuple(one.question() for one in chosen)


def deferred(rules: RulesInForce, evaluated: Evaluated) -> bool:
    """Tell whether examinations wait, because a flag that needs help at once locks."""
    if not evaluated.locked:
        return False
    first = headline(rules, evaluated.active, complete=evaluated.screen.complete)
    return first is not None and first.urgency in AT_ONCE


def _supposed(
    rules: RulesInForce, evaluated: Evaluated, recorded: Facts, asked: frozenset[str]
) -> list[Finding]:
    """Suppose the missing findings that examinations yield; with a whole screen, the others too."""
    evaluation = evaluated.evaluation
    what_if = WhatIf(rules, evaluation, recorded, evaluated.likelihood)
    names = candidates(rules, evaluation, evaluated.active)
    if not evaluated.screen.complete:
        names = [name for name in names if yielded(asked, name)]
    findings = [what_if.of_fact(name) for name in names]
    if IMAGING in asked:
        findings += [what_if.of_imaging(name) for name in unimaged(rules, evaluation)]
    return sorted(findings, key=Finding.importance)


def _others(
    rules: RulesInForce, evaluated: Evaluated, due: Sequence[Due], findings: Sequence[Finding]
) -> list["_Group"]:
    """Group by section of the vocabulary what no examination yields and changes something alone."""
    if not evaluated.screen.complete:
        return []
    yields = frozenset().union(*(finds(rules, one.examination) for one in due))
    sections: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.changes and not yielded(yields, finding.fact):
            sections.setdefault(rules.section_of(finding.fact), []).append(finding)
    facts = evaluated.evaluation.facts
    return [_Group.of_section(name, facts, found) for name, found in sections.items()]


class _Group(NamedTuple):
    """What is asked or examined together; its place is that of an examination."""

    examination: str
    rule: str | None
    facts: tuple[str, ...]
    could_change: tuple[str, ...]
    weight: int
    safety: int
    together: bool
    burden: int
    asks: bool

    @classmethod
    def of_examination(cls, rules: RulesInForce, evaluated: Evaluated, place: Ranked) -> "_Group":
        """Take an examination in its place; the screen with its open items."""
        due, yields = place.due, place.yields
        if due.examination == SCREEN:
            return cls._of_screen(rules, evaluated, place)
        changes = _changes(place.findings)
        if not changes and LIKELIHOOD in yields.asks:
            changes = (LIKELIHOOD,)
        asks = bool(yields.finds or yields.asks)
        facts = _facts(evaluated.evaluation.facts, place.findings)
        weight = len(place.questions)
        return cls(
            due.examination, due.rule, facts, changes, weight, place.safety, place.together,
            yields.burden, asks,
        )  # fmt: skip

    @classmethod
    def _of_screen(cls, rules: RulesInForce, evaluated: Evaluated, place: Ranked) -> "_Group":
        facts, screen = evaluated.evaluation.facts, evaluated.screen
        names = [spelled(name, facts) for item in screen.items for name in item.missing]
        names += [AGE] if AGE not in facts else []
        flags = _flags_of_open_items(rules, evaluated)
        changes = tuple(f"red_flag:{name}=lock" for name in flags)
        asked = tuple(dict.fromkeys(names))[:MOST_FACTS]
        return cls(
            SCREEN, place.due.rule, asked, changes[:MOST_CHANGES], len(flags), 0, place.together,
            place.yields.burden, True,
        )  # fmt: skip

    @classmethod
    def of_section(cls, section: str, facts: Facts, findings: Sequence[Finding]) -> "_Group":
        """Take the findings of one section of the vocabulary; asking is no burden."""
        questions = {question for finding in findings for question in questions_of(finding)}
        changes = _changes(findings)
        safety = 1 if any("red_flag:" in change for change in changes) else 2
        return cls(
            section, None, _facts(facts, findings), changes, len(questions), safety, False, 0, True
        )

    def place(self) -> tuple[int, int, bool, int, str]:
        """Return the key that questions are ordered by."""
        name = self.rule or self.examination
        return self.safety, -self.weight, not self.together, self.burden, name

    def question(self) -> RankedQuestion:
        """Return what of it a decision holds."""
        return RankedQuestion(
            examination=self.examination,
            rule=self.rule,
            facts=self.facts,
            could_change=self.could_change,
            could_lock=any(change.endswith("=lock") for change in self.could_change),
            could_hold=any(change.endswith("=hold") for change in self.could_change),
            weight=self.weight,
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


def _changes(findings: Iterable[Finding]) -> tuple[str, ...]:
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
