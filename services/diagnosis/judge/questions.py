"""The questions of one screen: at most three, ranked by what their findings could change."""

from diagnosis.judge.decision import RankedQuestion
from diagnosis.judge.evaluated import Evaluated
from diagnosis.judge.examinations import Due, due_examinations
from diagnosis.judge.order import Examination, in_order, sections_of
from diagnosis.judge.preparing import Facts
from diagnosis.judge.red_flags import headline
from diagnosis.judge.ruleset import RulesInForce
from diagnosis.judge.supposed import Supposed

MOST_QUESTIONS = 3
AT_ONCE = frozenset({"emergency", "same_day"})


def due_and_questions(
    rules: RulesInForce, evaluated: Evaluated, recorded: Facts
) -> tuple[list[Due], tuple[RankedQuestion, ...]]:
    """Rank the examinations that are due, and choose the questions of the screen.

    While a red flag that needs help at once locks, nothing is asked here. What the screen asks is
    not supposed value by value: its items name the red flags that they can raise. While it is not
    complete, only examinations are asked for beside it.

    Args:
        rules: the rules in force.
        evaluated: the judged case.
        recorded: the facts before they were prepared.
    """
    due = due_examinations(rules, evaluated)
    supposed = Supposed(rules, evaluated, recorded)
    most = 0 if deferred(rules, evaluated) else MOST_QUESTIONS
    sections = sections_of(rules, supposed, due) if most and evaluated.screen.complete else []
    examinations = [Examination(rules, supposed, one) for one in due]
    order, chosen = in_order(examinations, sections, most)
    return order, tuple(one.question(evaluated) for one in chosen)


def deferred(rules: RulesInForce, evaluated: Evaluated) -> bool:
    """Tell whether examinations wait, because a flag that needs help at once locks."""
    if not evaluated.locked:
        return False
    first = headline(rules, evaluated.active, complete=evaluated.screen.complete)
    return first is not None and first.urgency in AT_ONCE
