"""Puts what can be asked in order, and supposes no finding that can change nothing of it.

The order is that of `ranking`. Until its findings are supposed, a key is known between the best and
the worst that it can be; whatever is first even at its worst has its place without that.
"""

from collections.abc import Sequence

from diagnosis.judge.decision import RankedQuestion
from diagnosis.judge.evaluated import Evaluated
from diagnosis.judge.examinations import SCREEN, Due
from diagnosis.judge.ranking import Place, finds, placed, questions_of, yielded
from diagnosis.judge.ruleset import RulesInForce
from diagnosis.judge.spelling import (
    changes_of,
    question_of,
    question_of_screen,
    question_of_section,
)
from diagnosis.judge.supposed import Supposed
from diagnosis.judge.what_if import Finding


class Examination:
    """An examination that is due.

    Attributes:
        due: the examination.
        open: whether what it settles is not known exactly yet.
        best: the key of the best place that is possible.
        worst: the key of the worst one.
        asks: whether it asks for anything.
    """

    def __init__(self, rules: RulesInForce, supposed: Supposed, due: Due) -> None:
        """Rank it as far as that is certain."""
        self.due = due
        self._rules = rules
        self._supposed = supposed
        screen = due.examination == SCREEN
        self._names = [] if screen else supposed.yielded_by(finds(rules, due.examination))
        self._placed = placed(rules, due, ())
        self.open = bool(self._names)
        self.best = self.worst = self._placed.place()
        if self.open:
            most = supposed.at_most(self._names).union(self._placed.questions)
            self.best = self._placed.at_most(rules, most).place()
        self.asks = bool(self._placed.yields.finds or self._placed.yields.asks)

    def suppose(self) -> None:
        """Suppose what it yields, to know its place exactly."""
        self._placed = placed(self._rules, self.due, self._supposed.findings(self._names))
        self.best = self.worst = self._placed.place()
        self.open = False

    def question(self, evaluated: Evaluated) -> RankedQuestion:
        """Return what of it a decision holds."""
        if self.due.examination == SCREEN:
            return question_of_screen(self._rules, evaluated, self.due)
        return question_of(self._placed, evaluated.evaluation.facts)


class Section:
    """The findings of one section of the vocabulary that no examination yields; asking is easy.

    Attributes:
        open: whether what it settles is not known exactly yet.
        best: the key of the best place that is possible.
        worst: the key of the worst one.
        asks: whether it asks for anything, as far as that is known.
    """

    def __init__(
        self, rules: RulesInForce, supposed: Supposed, name: str, names: Sequence[str]
    ) -> None:
        """Rank it as far as that is certain."""
        self._name = name
        self._names = names
        self._supposed = supposed
        self._findings: list[Finding] = []
        self._questions: set[str] = set()
        most = supposed.at_most(names)
        self.open = self.asks = bool(most)
        self.best = self._key(len(most), safety=not most.isdisjoint(rules.flag_ids))
        self.worst = self._key(0, safety=False)

    def _key(self, questions: int, *, safety: bool) -> Place:
        return 1 if safety else 2, -questions, True, 0, self._name

    def suppose(self) -> None:
        """Suppose its findings; what changes nothing alone is not asked for."""
        self._findings = [one for one in self._supposed.findings(self._names) if one.changes]
        self._questions = {question for one in self._findings for question in questions_of(one)}
        safety = any("red_flag:" in change for change in changes_of(self._findings))
        self.best = self.worst = self._key(len(self._questions), safety=safety)
        self.open, self.asks = False, bool(self._findings)

    def question(self, evaluated: Evaluated) -> RankedQuestion:
        """Return what of it a decision holds."""
        facts = evaluated.evaluation.facts
        return question_of_section(self._name, self._findings, self._questions, facts)


def in_order(
    examinations: Sequence[Examination], sections: Sequence[Section], most: int
) -> tuple[list[Due], list[Examination | Section]]:
    """Put examinations in order, and choose the first few of them and the sections as questions.

    Args:
        examinations: those that are due.
        sections: sections of the vocabulary that may be asked for.
        most: how many questions to choose.
    """
    due: list[Due] = []
    chosen: list[Examination | Section] = []
    waiting: list[Examination | Section] = [*examinations, *(one for one in sections if one.asks)]
    while waiting:
        first = min(waiting, key=_best)
        asked = first.asks and len(chosen) < most
        if first.open and (asked or not _certain(first, waiting)):
            first.suppose()
            continue
        waiting.remove(first)
        if isinstance(first, Examination):
            due.append(first.due)
        if asked:
            chosen.append(first)
        if len(chosen) == most:
            waiting = [one for one in waiting if isinstance(one, Examination)]
    return due, chosen


def _best(one: Examination | Section) -> Place:
    return one.best


def _certain(first: Examination | Section, waiting: Sequence[Examination | Section]) -> bool:
    return all(first.worst < other.best for other in waiting if other is not first)


def sections_of(rules: RulesInForce, supposed: Supposed, due: Sequence[Due]) -> list[Section]:
    """Group by section of the vocabulary what no examination yields."""
    yields = frozenset().union(*(finds(rules, one.examination) for one in due))
    sections: dict[str, list[str]] = {}
    for name in supposed.names:
        if not yielded(yields, name):
            sections.setdefault(rules.section_of(name), []).append(name)
    return [Section(rules, supposed, section, names) for section, names in sections.items()]
