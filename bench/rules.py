"""The rules alone, in this process: microseconds per case, beside a plain loop of the same size."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from bench.floors import predicate_loop
from tests.support.assessed import decision_of, recommend
from tests.support.assessing import assess

from diagnosis.judge.preparing import prepare
from diagnosis.judge.ruleset import load_ruleset
from intake.case import Moment, open_case
from intake.schemas import FINDINGS
from rules import in_force
from treatment.domain import in_force as guidance_in_force
from treatment.domain import load_guidance, recommend
from treatment.judge import Case, load_guidance
from treatment.judge import evaluate as judge_plan
from treatment.judge import in_force as guidance_in_force
from treatment.judge.preparing import outside

ON = date(2026, 11, 22)


@dataclass(frozen=True)
class Figures:
    """Microseconds per case.

    Attributes:
        rules: How many rules both sets hold.
        conditions: How many conditions they are made of.
        judged: All of them.
        loop: As many comparisons in a plain generated loop.
        documents: Assessment and plan, finished, with every missing finding tried.
        written: The same two documents only written as JSON.
    """

    rules: int
    conditions: int
    judged: float
    loop: float
    documents: float
    written: float


def measure(document: dict[str, Any]) -> Figures:
    case = open_case(FINDINGS, "bench", "bench", document, Moment(ON, 0))
    sent = FINDINGS.outgoing(case.body, ON)
    ruleset, guidance = load_ruleset(), load_guidance()
    flat = ruleset.knowledge.vocabulary.flatten(sent)
    assessment = assess(flat, ruleset, ON).document
    plan = recommend(assessment, told, guidance, ON, None)
    first, second = in_force(ruleset.knowledge, ON), in_force(guidance, ON)
    facts = prepare(flat)
    planned = Case(decision_of(assessment), guidance.vocabulary.flatten(told), ON)
    further = judge_plan(planned, guidance_in_force(guidance, ON)).evaluation.facts
    decided = outside(planned.assessment, guidance_in_force(guidance, ON).roles)

    def judge() -> None:
        first.evaluate(facts)
        second.evaluate(further, decided)

    def both() -> None:
        found = assess(flat, ruleset, ON).document
        recommend(found, sent, guidance, ON, None)

    conditions = len(first._program.condition_places) + len(second._program.condition_places)  # noqa: SLF001
    loop = predicate_loop(conditions)
    plain = {f"fact{number}": number for number in range(0, 60, 2)}
    return Figures(
        len(first.rules) + len(second.rules),
        conditions,
        each(judge),
        each(lambda: loop(plain)),
        each(both, 60),
        each(lambda: (orjson.dumps(assessment), orjson.dumps(plan))),
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
