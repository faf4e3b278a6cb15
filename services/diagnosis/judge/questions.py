"""The questions of one screen: at most three, ranked by what their findings could change."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from diagnosis.judge.decision import RankedQuestion
from diagnosis.judge.evaluated import Evaluated
from diagnosis.judge.examinations import SCREEN, Due, due_examinations
from diagnosis.judge.preparing import Facts
from diagnosis.judge.ranking import Place, Ranked, finds, questions_of, ranked, yielded
from diagnosis.judge.red_flags import headline
from diagnosis.judge.ruleset import RulesInForce
from diagnosis.judge.spelling import (
    changes_of,
    question_of,
    question_of_screen,
    question_of_section,
)
from diagnosis.judge.what_if import IMAGING, Finding, WhatIf, candidates, unimaged

MOST_QUESTIONS = 3
AT_ONCE = frozenset({"emergency", "same_day"})


def due_and_questions(
    rules: RulesInForce, evaluated: Evaluated, recorded: Facts
) -> tuple[list[Due], tuple[RankedQuestion, ...]]:
    """Rank the examinations that are due, and choose the questions of the screen.

    While a red flag that needs help at once locks, nothing is asked here. What the screen asks is
    not supposed value by value: its items name the red flags that they can raise. While it is not
    complete, only examinations are asked for beside it; what they do not yield is not supposed.

    Args:
        rules: the rules in force.
        evaluated: the judged case.
        recorded: the facts before they were prepared.
    """
    due = due_examinations(rules, evaluated)
    none = deferred(rules, evaluated)
    further = evaluated.screen.complete and not none
    findings = _supposed(rules, evaluated, recorded, due, further=further)
    places = ranked(rules, due, findings)
    order = [place.due for place in places]
    if none:
        return order, ()
    asking = {one.place(): one for one in places if _asks(one)}
    sections = {one.place(): one for one in _sections(rules, due, findings)} if further else {}
    chosen = sorted([*asking, *sections])[:MOST_QUESTIONS]
    facts = evaluated.evaluation.facts
    return order, tuple(
        _question(rules, evaluated, asking[place])
        if place in asking
        else question_of_section(*sections[place], facts)
        for place in chosen
    )


def deferred(rules: RulesInForce, evaluated: Evaluated) -> bool:
    """Tell whether examinations wait, because a flag that needs help at once locks."""
    if not evaluated.locked:
        return False
    first = headline(rules, evaluated.active, complete=evaluated.screen.complete)
    return first is not None and first.urgency in AT_ONCE


def _asks(place: Ranked) -> bool:
    """Tell whether an examination asks for anything; what the screen asks is in its items."""
    return place.due.examination == SCREEN or bool(place.yields.finds or place.yields.asks)


def _supposed(
    rules: RulesInForce,
    evaluated: Evaluated,
    recorded: Facts,
    due: Sequence[Due],
    *,
    further: bool,
) -> list[Finding]:
    """Suppose the missing findings that the examinations yield, and perhaps the others too."""
    asked = [finds(rules, one.examination) for one in due if one.examination != SCREEN]
    if not asked and not further:
        return []
    yields = frozenset().union(*asked)
    evaluation = evaluated.evaluation
    what_if = WhatIf(rules, evaluation, recorded, evaluated.likelihood)
    names = candidates(rules, evaluation, evaluated.active)
    findings = [what_if.of_fact(name) for name in names if further or yielded(yields, name)]
    if IMAGING in yields:
        findings += [what_if.of_imaging(name) for name in unimaged(rules, evaluation)]
    return sorted(findings, key=Finding.importance)


class _Section(NamedTuple):
    """What is missing of one section of the vocabulary and no examination yields."""

    name: str
    findings: Sequence[Finding]
    questions: frozenset[str]

    def place(self) -> Place:
        """Return the key of its place among examinations; asking is no burden."""
        safety = any("red_flag:" in change for change in changes_of(self.findings))
        return 1 if safety else 2, -len(self.questions), True, 0, self.name


def _sections(
    rules: RulesInForce, due: Sequence[Due], findings: Sequence[Finding]
) -> Iterator[_Section]:
    """Group what changes something alone and no examination yields."""
    yields = frozenset().union(*(finds(rules, one.examination) for one in due))
    sections: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.changes and not yielded(yields, finding.fact):
            sections.setdefault(rules.section_of(finding.fact), []).append(finding)
    for name, found in sections.items():
        questions = frozenset(question for one in found for question in questions_of(one))
        yield _Section(name, found, questions)


def _question(rules: RulesInForce, evaluated: Evaluated, place: Ranked) -> RankedQuestion:
    if place.due.examination == SCREEN:
        return question_of_screen(rules, evaluated, place.due)
    return question_of(place, evaluated.evaluation.facts)
