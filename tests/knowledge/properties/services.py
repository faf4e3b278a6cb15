"""Both services end to end, from facts to statuses, without the sentences."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any

from tests.knowledge.sets import ROOT
from tests.support.assessed import decision_of
from tests.support.care import with_flat_care

from diagnosis.judge import RulesInForce, load_ruleset
from diagnosis.judge.differentials import differential_states
from diagnosis.judge.evaluated import Evaluated, evaluate
from diagnosis.judge.likelihood import answer_for
from diagnosis.judge.red_flags import withheld
from diagnosis.judge.ruleset import Ruleset
from intake.case import Findings
from rules import Knowledge, Vocabulary
from treatment.judge.guidance import Guidance, in_force, load_guidance
from treatment.judge.judging import Case, Judgement
from treatment.judge.judging import evaluate as judge

ON = dt.date(2026, 11, 22)
RULESET: Ruleset = load_ruleset()
KNOWLEDGE: Knowledge = load_guidance()
RULES: RulesInForce = RULESET.in_force(ON)
GUIDANCE: Guidance = in_force(KNOWLEDGE, ON)
INTAKE = Vocabulary.load(ROOT / "services" / "intake" / "knowledge" / "facts")
FINDINGS = Findings(INTAKE)
OFFERED = {"offered", "optional_unproven"}
VERDICTS = {0: False, 1: None, 3: True}
Facts = Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Decided:
    """One case as both services judge it."""

    assessed: Evaluated
    planned: Judgement

    @property
    def likelihood(self) -> str:
        return self.assessed.likelihood.answer

    @property
    def possible(self) -> frozenset[str]:
        return frozenset(self.assessed.likelihood.possible)

    @property
    def warnings(self) -> set[str]:
        return {entry.id for entry in self.assessed.active}

    def flags(self, effect: str) -> set[str]:
        return {entry.id for entry in self.assessed.active if entry.effect == effect}

    @property
    def statuses(self) -> dict[str, str]:
        return self.planned.statuses

    @property
    def offers(self) -> set[str]:
        return {code for code, status in self.statuses.items() if status in OFFERED}

    def all(self) -> tuple[Any, ...]:
        """Everything that a plan or an assessment concludes."""
        assessed = self.assessed
        states = [item.state for item in assessed.screen.items]
        flags = [(entry.id, entry.grade.urgency, entry.effect) for entry in assessed.active]
        found = (assessed.evaluation, self.planned.evaluation)
        verdicts = [[one.of(key) for key in one.compiled.units] for one in found]
        return (
            assessed.category, assessed.likelihood.possible, flags, states, verdicts,
            self.planned.conclusions,
        )  # fmt: skip


class Services:
    """Diagnosis and treatment with some rules; other rules show that a property can fail."""

    def __init__(self, rules: RulesInForce = RULES, guidance: Guidance = GUIDANCE) -> None:
        self.rules = rules
        self.guidance = guidance

    def decide(self, facts: Facts) -> Decided:
        """Judge a case as the services do; `test_the_short_way…` holds it against documents."""
        known = with_flat_care(facts)
        assessed = evaluate(known, self.rules)
        document = read_by_treatment(self.rules, assessed)
        return Decided(assessed, judge(Case(decision_of(document), known, ON), self.guidance))


def read_by_treatment(rules: RulesInForce, judged: Evaluated) -> dict[str, Any]:
    """Write what treatment reads of an assessment, and nothing else."""
    evaluation, active = judged.evaluation, judged.active
    states = differential_states(rules, evaluation)
    locks = [entry.id for entry in active if entry.effect == "lock"]
    holds = [entry.id for entry in active if entry.effect == "hold"]
    return {
        "likelihood": judged.likelihood.answer,
        "red_flags": {
            "locked": bool(locks),
            "locks": locks,
            "hold": bool(holds),
            "holds": holds,
            "withheld": withheld(active),
            "screen": {"complete": judged.screen.complete},
        },
        "nodules": _nodules(rules, judged),
        "competing": VERDICTS[rules.code(evaluation, "competing-explanation")],
        "differentials": [{"rule": name, "state": state} for name, state in states.items()][:1],
        "verdicts": evaluation.verdicts,
    }


def _nodules(rules: RulesInForce, judged: Evaluated) -> list[dict[str, Any]]:
    listed = judged.evaluation.facts.get("nodules") or []
    found = zip(listed, judged.likelihood.nodules, strict=True)
    return [
        {
            "id": nodule["id"],
            "likelihood": answer_for(rules, reached.possible),
            "fat_on_imaging": VERDICTS[rules.code(judged.evaluation, "fat-on-imaging", at)],
        }
        for at, (nodule, reached) in enumerate(found)
    ]
