"""The rules alone, in this process: microseconds per case, beside a plain loop of the same size."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from bench.floors import predicate_loop
from tests.support.planning import ASSESSMENT_SENTENCES, SENTENCES, plan

from diagnosis.judge import judge as judge_assessment
from diagnosis.judge.preparing import prepare
from diagnosis.judge.ruleset import load_ruleset
from diagnosis.write import brief as write_assessment_brief
from intake.case import Moment, open_case
from intake.schemas import FINDINGS
from rules import in_force
from treatment.judge import evaluate as evaluate_plan
from treatment.judge import in_force as guidance_in_force
from treatment.judge import judge as judge_plan
from treatment.judge import load_guidance
from treatment.judge.preparing import outside
from treatment.write import write_brief

ON = date(2026, 11, 22)


@dataclass(frozen=True)
class Figures:
    """Microseconds per case.

    Attributes:
        rules: How many rules both sets hold.
        conditions: How many conditions they are made of.
        judged: All of them.
        loop: As many comparisons in a plain generated loop.
        decided: Both decisions and briefs, finished and written as JSON.
        written: The same only written as JSON.
    """

    rules: int
    conditions: int
    judged: float
    loop: float
    decided: float
    written: float


def measure(document: dict[str, Any]) -> Figures:
    case = open_case(FINDINGS, "bench", "bench", document, Moment(ON, 0))
    outgoing = FINDINGS.outgoing(case.body, ON)
    ruleset, guidance = load_ruleset(), load_guidance()
    flat = ruleset.knowledge.vocabulary.flatten(outgoing)
    planned = plan(outgoing, ruleset, guidance, ON)
    used = guidance_in_force(guidance, ON)
    first, second = in_force(ruleset.knowledge, ON), in_force(guidance, ON)
    facts = prepare(flat)
    further = evaluate_plan(planned.case, used).evaluation.facts
    decided = outside(planned.case.assessment, used.roles)

    def judge() -> None:
        first.evaluate(facts)
        second.evaluate(further, decided)

    def both() -> None:
        decision = judge_assessment(flat, ruleset, ON)
        brief = write_assessment_brief(decision, flat, ruleset.in_force(ON), ASSESSMENT_SENTENCES)
        msgspec.json.encode(decision), msgspec.json.encode(brief)
        plan_decision = judge_plan(planned.case, used)
        screen = write_brief(plan_decision, planned.case, planned.assessment_brief, used, SENTENCES)
        msgspec.json.encode(plan_decision), msgspec.json.encode(screen)

    made = (planned.assessment, planned.assessment_brief, planned.decision, planned.brief)
    conditions = len(first._program.condition_places) + len(second._program.condition_places)  # noqa: SLF001
    loop = predicate_loop(conditions)
    plain = {f"fact{number}": number for number in range(0, 60, 2)}
    return Figures(
        len(first.rules) + len(second.rules),
        conditions,
        each(judge),
        each(lambda: loop(plain)),
        each(both, 60),
        each(lambda: [msgspec.json.encode(one) for one in made]),
    )


def each(work: Callable[[], Any], rounds: int = 2000) -> float:
    """The median of five batches, in microseconds per call."""
    work()
    batches = []
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(rounds // 5):
            work()
        batches.append((time.perf_counter() - began) / (rounds // 5) * 1e6)
    return sorted(batches)[2]
