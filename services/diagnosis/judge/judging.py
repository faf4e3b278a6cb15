"""Judges a case: verdicts, active red flags, the screen and the likelihood."""

import dataclasses
import datetime as dt
from typing import cast

from diagnosis.judge.decision import (
    ActiveFlag as FlagDecision,
)
from diagnosis.judge.decision import (
    Category,
    Decision,
    Differential,
    DueExamination,
    Effect,
    Group,
    NoduleDecision,
    RulesetRef,
    State,
    Urgency,
    Withheld,
)
from diagnosis.judge.decision import Likelihood as Answer
from diagnosis.judge.decisive import verdict_letters
from diagnosis.judge.differentials import competes, differential_states
from diagnosis.judge.evaluated import Evaluated, evaluate
from diagnosis.judge.grounds import grounds
from diagnosis.judge.likelihood import Reached, answer_for, shown_nodule
from diagnosis.judge.preparing import Facts
from diagnosis.judge.questions import due_and_questions
from diagnosis.judge.reasons import reasons
from diagnosis.judge.red_flags import ActiveFlag, headline, undecided_flags, withheld
from diagnosis.judge.ruleset import EVALUATOR, VERDICT, Ruleset, RulesInForce


@dataclasses.dataclass(frozen=True)
class Subject:
    """What a decision is about: a revision of a case, and the date that it is judged by."""

    on: dt.date
    case_id: str | None = None
    revision: int | None = None


def judge(
    facts: Facts,
    ruleset: Ruleset,
    on: dt.date,
    *,
    case_id: str | None = None,
    revision: int | None = None,
) -> Decision:
    """Decide about a case: the same facts, rules and date give the same decision.

    Args:
        facts: flat facts as recorded; what is missing is unknown.
        ruleset: all rules of all dates.
        on: the date that rules and ages are judged by.
        case_id: the case; None when nothing is stored.
        revision: its revision; None when nothing is stored.

    Raises:
        NothingInForceError: no rule was in force on that date.
    """
    rules = ruleset.in_force(on)
    return decide(rules, evaluate(facts, rules), facts, Subject(on, case_id, revision))


def decide(rules: RulesInForce, evaluated: Evaluated, facts: Facts, subject: Subject) -> Decision:
    """Write down as codes what was judged.

    Args:
        rules: the rules in force.
        evaluated: the judged case.
        facts: the facts before they were prepared.
        subject: the case, its revision and the date.
    """
    evaluation, active, likelihood = evaluated.evaluation, evaluated.active, evaluated.likelihood
    first = headline(rules, active, complete=evaluated.screen.complete)
    shown = shown_nodule(rules, evaluation, likelihood)
    listed = evaluation.facts.get("nodules") or []
    examinations, questions = due_and_questions(rules, evaluated, facts)
    return Decision(
        case_id=subject.case_id,
        revision=subject.revision,
        on=subject.on.isoformat(),
        category=cast("Category", evaluated.category),
        likelihood=cast("Answer", likelihood.answer),
        possible=cast("tuple[Answer, ...]", likelihood.possible),
        provisional=len(likelihood.possible) > 1,
        locked=evaluated.locked,
        hold=any(entry.effect == "hold" for entry in active),
        locks=tuple(entry.id for entry in active if entry.effect == "lock"),
        holds=tuple(entry.id for entry in active if entry.effect == "hold"),
        headline=first,
        flags=tuple(_flag(entry) for entry in active),
        undecided_flags=tuple(flag.rule.id for flag in undecided_flags(rules, evaluation)),
        withheld=Withheld(**withheld(active)),
        screen=evaluated.screen.decision(),
        grounds=grounds(rules, evaluation, first.rule)
        if first is not None and first.grade is not None
        else (),
        nodules=_nodules(rules, evaluated),
        shown_nodule=None if shown is None else listed[shown]["id"],
        lowered_by=likelihood.lowered_by,
        reasons=reasons(rules, evaluation, shown),
        competitor_found=VERDICT[rules.code(evaluation, rules.roles.competing)],
        differentials=_differentials(rules, evaluated),
        examinations=tuple(
            DueExamination(rule=due.rule, examination=due.examination) for due in examinations
        ),
        questions=questions,
        block_proposed=evaluation.verdict(rules.roles.block_proposal),
        for_plan={name: evaluation.verdict(name) for name in rules.roles.for_plan},
        verdicts=verdict_letters(rules, evaluated),
        ruleset=RulesetRef(
            version=rules.ruleset.version, sha256=rules.ruleset.sha256, evaluator=EVALUATOR
        ),
    )


def _flag(entry: ActiveFlag) -> FlagDecision:
    grade = entry.grade
    return FlagDecision(
        rule=entry.id,
        effect=cast("Effect", grade.effect),
        urgency=cast("Urgency", grade.urgency),
        grade=entry.at,
        withholds=cast("tuple[Group, ...]", grade.withholds),
    )


def _nodules(rules: RulesInForce, evaluated: Evaluated) -> tuple[NoduleDecision, ...]:
    listed = evaluated.evaluation.facts.get("nodules") or []
    both = zip(listed, evaluated.likelihood.nodules, strict=True)
    return tuple(
        _nodule(rules, evaluated, at, nodule["id"], reached)
        for at, (nodule, reached) in enumerate(both)
    )


def _nodule(
    rules: RulesInForce, evaluated: Evaluated, at: int, identity: str, reached: Reached
) -> NoduleDecision:
    fat = rules.code(evaluated.evaluation, rules.roles.fat_on_imaging, at)
    possible = tuple(outcome for outcome in rules.order if outcome in reached.possible)
    return NoduleDecision(
        id=identity,
        likelihood=cast("Answer", answer_for(rules, possible)),
        possible=cast("tuple[Answer, ...]", possible),
        line=reached.line,
        lowered_by=reached.lowered_by,
        fat_on_imaging=VERDICT[fat],
    )


def _differentials(rules: RulesInForce, evaluated: Evaluated) -> tuple[Differential, ...]:
    states = differential_states(rules, evaluated.evaluation)
    return tuple(
        Differential(
            rule=name,
            state=cast("State", state),
            competing=competes(rules.rules[name], state),
        )
        for name, state in states.items()
    )
