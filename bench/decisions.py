"""What deciding about a case and writing its brief cost: CPU of this process, best of many."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import msgspec
from bench.floors import ROOT

from diagnosis import judge as assessing
from diagnosis import write as assessment_writing
from intake.case import Moment, open_case
from intake.schemas import FINDINGS
from treatment import judge as planning
from treatment import write as plan_writing

ON = date(2026, 11, 22)
MICRO = 1e6


@dataclass(frozen=True)
class Costs:
    """Microseconds of CPU per case, by what is done; the README's patient."""

    outgoing: float
    assess: float
    assessment_brief: float
    plan: float
    plan_brief: float


def measure() -> Costs:
    """Measure each part on its own."""
    path = ROOT / "docs" / "examples" / "bm01_completed.json"
    case = open_case(FINDINGS, "bench", "bench", json.loads(path.read_text("utf-8")), Moment(ON, 0))
    sent = FINDINGS.outgoing(case.body, ON)
    assess, brief, decided, written = _diagnosis(sent)
    plan, screen = _treatment(sent, decided, written)
    return Costs(
        cpu_of(lambda: FINDINGS.outgoing(case.body, ON)),
        cpu_of(assess),
        cpu_of(brief),
        cpu_of(plan),
        cpu_of(screen),
    )


def _diagnosis(sent: Mapping[str, Any]) -> tuple[Callable[[], Any], Callable[[], Any], Any, Any]:
    ruleset, sentences = assessing.load_ruleset(), assessment_writing.load_sentences()
    rules = ruleset.in_force(ON)
    flat = ruleset.knowledge.vocabulary.flatten(sent)
    decision = assessing.judge(flat, ruleset, ON)

    def brief() -> Any:
        return assessment_writing.brief(decision, flat, rules, sentences)

    return lambda: assessing.judge(flat, ruleset, ON), brief, decision, brief()


def _treatment(
    sent: Mapping[str, Any], decision: Any, written: Any
) -> tuple[Callable[[], Any], Callable[[], Any]]:
    knowledge, sentences = planning.load_guidance(), plan_writing.load_sentences()
    guidance = planning.in_force(knowledge, ON)
    assessment = _sent(decision, planning.AssessmentCompleted)
    screen = _sent(written, plan_writing.Brief)
    case = planning.Case(assessment, knowledge.vocabulary.flatten(sent), ON)
    decided = planning.judge(case, guidance)

    def brief() -> Any:
        return plan_writing.write_brief(decided, case, screen, guidance, sentences)

    return lambda: planning.judge(case, guidance), brief


def _sent(value: Any, kind: Any) -> Any:
    """Decode what was encoded, as the event carries it."""
    return msgspec.json.decode(msgspec.json.encode(value), type=kind)


def cpu_of(work: Callable[[], Any], batches: int = 15, calls: int = 60) -> float:
    """Return microseconds of CPU per call: the best of several batches."""
    work()
    best = float("inf")
    for _ in range(batches):
        began = time.process_time()
        for _ in range(calls):
            work()
        best = min(best, time.process_time() - began)
    return best / calls * MICRO


def main() -> None:
    """Print the figures."""
    for name, microseconds in asdict(measure()).items():
        print(f"{name.replace('_', ' '):18} {microseconds:7.1f} us")


if __name__ == "__main__":
    main()
