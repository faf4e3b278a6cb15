"""What it costs to say what two, ten and forty missing findings could change, in both services."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from bench.floors import ROOT
from tests.support.assessed import decision_of
from tests.support.assessing import assess

from diagnosis.judge import load_ruleset
from diagnosis.judge.evaluated import evaluate
from diagnosis.judge.what_if import missing_findings
from intake.case import Moment, open_case
from intake.schemas import FINDINGS, VOCABULARY
from rules import Evaluation
from treatment.judge import Case, Judgement, in_force, load_guidance
from treatment.judge import evaluate as judge
from treatment.judge.changes import missing_findings as missing_of_plan
from treatment.judge.preparing import outside

ON = date(2026, 11, 22)
LEFT_OPEN = {
    "midline_distance_mm": 40,
    "point_site": "crest_medial",
    "point_tenderness": 2,
    "point_reproduction": "familiar_pain",
    "max_temp_c": 36.8,
    "post_void_residual_ml": 20,
    "requested_modalities.dry_needling": False,
    "consent.surgery": False,
}
"""What the README's patient leaves unanswered; answered here, so that only UNKNOWN is unknown."""

UNKNOWN = (
    "weight_loss", "needle_phobia",
    "sensation", "fever", "injury", "saddle_sensation", "cancer_history", "osteoporosis",
    "diabetes", "anticoagulant",
    "bladder_change", "bowel_change", "sexual_change", "leg_weakness", "night_pain",
    "systemic_illness", "previous_fragility_fracture", "corticosteroid_use", "urinary_symptom",
    "bruise_over_spine", "collapse", "pulsatile_abdominal_mass", "bloodstream_infection",
    "immunosuppression", "injecting_drugs", "recent_procedure", "tb_risk", "reflexes", "power",
    "trochanter_tender", "lateral_hip_pain", "burning_pain", "deep_gluteal_tender", "fair_test",
    "taut_band", "tlj_tenderness", "skin_roll_pain", "epilepsy", "bleeding_disorder",
    "implants.pacemaker",
)  # fmt: skip
"""Forty findings; the first two, and the first ten, are the smaller tasks."""


@dataclass(frozen=True)
class Cost:
    """Milliseconds for both services, and as a multiple of judging all their rules once."""

    unknown: int
    reported: int
    ms: float
    multiple: float


def measure(each: Callable[[Callable[[], Any], int], float]) -> list[Cost]:
    """Measure with two, ten and forty findings missing.

    Args:
        each: gives microseconds per call.
    """
    body = json.loads((ROOT / "docs" / "examples" / "bm01_completed.json").read_text("utf-8"))
    case = open_case(FINDINGS, "bench", "bench", body, Moment(ON, 0))
    sent = FINDINGS.outgoing(case.body, ON)
    facts = VOCABULARY.flatten(sent)
    return [_cost(facts | LEFT_OPEN, number, each) for number in (2, 10, 40)]


def _cost(
    complete: dict[str, Any], number: int, each: Callable[[Callable[[], Any], int], float]
) -> Cost:
    ruleset, guidance = load_ruleset(), in_force(load_guidance(), ON)
    rules = ruleset.in_force(ON)
    missing = set(UNKNOWN[:number])
    facts = {name: value for name, value in complete.items() if name not in missing}
    judged = evaluate(facts, rules)
    case = Case(decision_of(assess(facts, ruleset, ON).document), facts, ON)
    planned = judge(case, guidance)

    def diagnosis() -> list[Any]:
        fresh = _again(judged.evaluation)
        return missing_findings(rules, fresh, facts, judged.likelihood)

    def treatment() -> list[Any]:
        fresh = Judgement(guidance, _again(planned.evaluation), proposed=planned.proposed)
        return missing_of_plan(fresh, case)

    first, second = judged.evaluation, planned.evaluation
    once = each(lambda: rules.compiled.evaluate(first.facts), 1000)
    decided = outside(case.assessment, guidance.roles)
    once += each(lambda: guidance.compiled.evaluate(second.facts, decided), 1000)
    cost = each(lambda: (diagnosis(), treatment()), 200)
    return Cost(number, len(diagnosis()) + len(treatment()), cost / 1e3, cost / once)


def _again(evaluation: Evaluation) -> Evaluation:
    """The same verdicts, without what was found out about them already."""
    return Evaluation(evaluation.compiled, evaluation.facts, evaluation.external, evaluation.state)
