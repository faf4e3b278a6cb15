"""Ranks examinations: safety first, then how many open questions each settles, then its burden."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from diagnosis.judge.conclusions import POSSIBLE
from diagnosis.judge.examinations import SCREEN, Due
from diagnosis.judge.ruleset import RulesInForce
from diagnosis.judge.tables import Yield
from diagnosis.judge.what_if import Finding
from rules import general

LIKELIHOOD = "likelihood"
Place = tuple[int, int, bool, int, str]
_QUESTIONS = {LIKELIHOOD: LIKELIHOOD, POSSIBLE: LIKELIHOOD}


class Ranked(NamedTuple):
    """An examination in its place.

    Attributes:
        due: the examination.
        yields: what it finds.
        findings: the missing findings that it yields.
        questions: the likelihood, flags and differentials that it can settle.
        flags: those of them that are red flags.
        together: whether a finding may settle something together with others only.
    """

    due: Due
    yields: Yield
    findings: tuple[Finding, ...]
    questions: tuple[str, ...]
    flags: tuple[str, ...]
    together: bool

    @property
    def safety(self) -> int:
        """Return the class of safety: 0 the screen, 1 another question of safety, 2 none here."""
        if self.due.examination == SCREEN:
            return 0
        return 1 if self.flags or self.due.before_treatment else 2

    def place(self) -> Place:
        """Return the key that examinations are ordered by."""
        burden = self.yields.burden
        return self.safety, -len(self.questions), not self.together, burden, self.due.rule


def ranked(
    rules: RulesInForce, examinations: Sequence[Due], findings: Sequence[Finding]
) -> list[Ranked]:
    """Put examinations in order: safety, then open questions, then burden, then the rule's id.

    Of those that settle nothing alone, what may together with others comes first.

    Args:
        rules: the rules in force.
        examinations: those that are due.
        findings: the missing findings, with what each could change.
    """
    found = []
    for due in examinations:
        names = finds(rules, due.examination)
        own = [finding for finding in findings if yielded(names, finding.fact)]
        found.append(placed(rules, due, own))
    return sorted(found, key=Ranked.place)


def finds(rules: RulesInForce, examination: str) -> frozenset[str]:
    """Name the findings that an examination yields, or the questions of the screen."""
    if examination == SCREEN:
        return rules.screen_finds
    return rules.yield_of[examination].finds


def yielded(names: frozenset[str], fact: str) -> bool:
    """Tell whether a fact is among what an examination finds, itself or as member of a set."""
    name = general(fact)
    return name in names or name.partition(".")[0] in names


def questions_of(finding: Finding) -> Iterator[str]:
    """Name the likelihood, red flags and differentials that a finding could change."""
    for changes in finding.changes:
        for conclusion, _ in changes:
            kind, _, rule = conclusion.partition(":")
            if rule or kind in _QUESTIONS:
                yield rule or _QUESTIONS[kind]


def placed(rules: RulesInForce, due: Due, own: Sequence[Finding]) -> Ranked:
    """Put an examination in its place.

    Args:
        rules: the rules in force.
        due: the examination.
        own: the missing findings that it yields.
    """
    yields = rules.yield_of[due.examination]
    asked = {question for finding in own for question in questions_of(finding)}
    questions = tuple(sorted({*yields.asks, *asked}))
    flags = tuple(name for name in questions if name in rules.flag_ids)
    together = any(not finding.changes for finding in own)
    return Ranked(due, yields, tuple(own), questions, flags, together)
