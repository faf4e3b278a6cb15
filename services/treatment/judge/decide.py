"""Makes the decision: one pure function of an assessment, facts, guidance and a date."""

from collections.abc import Iterable

from treatment.judge.deciding import verdict_letters
from treatment.judge.decision import (
    Decision,
    ModalityDecision,
    RuleSetName,
    Step,
)
from treatment.judge.follow_up import contacts, if_it_fails, outcome_of_care, safety_net
from treatment.judge.guidance import Guidance, Modality
from treatment.judge.judging import OFFERED, BlockStatus, Case, Judgement, block_status, evaluate
from treatment.judge.questions import ranked_questions
from treatment.judge.reasons import against, cautions, importance, stopped
from treatment.judge.referral import referral

MOST_REASONS = 3


def judge(case: Case, guidance: Guidance) -> Decision:
    """Decides on one revision of a case; the same arguments give the same decision for ever.

    Args:
        case: The decision of diagnosis, the facts, the date, the facts of the revision before.
        guidance: The guidance in force on that date.
    """
    return decided(evaluate(case, guidance), case)


def decided(judgement: Judgement, case: Case) -> Decision:
    """Draws every conclusion from the verdicts of a case."""
    line, waits = judgement.step
    assessment, guidance = case.assessment, judgement.guidance
    return Decision(
        case_id=assessment.case_id,
        revision=assessment.revision,
        on=case.on.isoformat(),
        outcome=line.outcome,
        step=Step(line=line.name, code=judgement.step_code, urgency=line.urgency, waits=waits),
        referral=referral(judgement, assessment),
        modalities=tuple(_modality(judgement, one) for one in guidance.modalities),
        self_care=tuple(self_care(judgement)),
        diagnostic_block=block_decision(judgement),
        follow_up=tuple(contacts(judgement, case.on)),
        outcome_of_care=outcome_of_care(judgement),
        if_it_fails=tuple(if_it_fails(judgement)),
        safety_net=tuple(safety_net(judgement)),
        questions=ranked_questions(judgement, case),
        verdicts=verdict_letters(judgement),
        guidance=RuleSetName(**guidance.named),
        ruleset=_ruleset(case),
    )


def _ruleset(case: Case) -> RuleSetName | None:
    used = case.assessment.ruleset
    if used is None:
        return None
    return RuleSetName(version=used.version, sha256=used.sha256, evaluator=used.evaluator)


def _modality(judgement: Judgement, modality: Modality) -> ModalityDecision:
    status = judgement.statuses[modality.code]
    if status in OFFERED:
        found = tuple(cautions(judgement, modality))
        return ModalityDecision(modality=modality.code, status=status, cautions=found)
    if judgement.locked or judgement.held:
        reasons = [stopped(judgement)]
    else:
        reasons = sorted(against(judgement, modality), key=importance)
    return ModalityDecision(
        modality=modality.code,
        status=status,
        reasons=tuple(reasons[:MOST_REASONS]),
        further=max(0, len(reasons) - MOST_REASONS),
    )


def self_care(judgement: Judgement) -> Iterable[str]:
    """Names the rules on care that needs no release; none under a lock."""
    if judgement.locked:
        return []
    return [rule for rule in judgement.guidance.roles.self_care if judgement.verdict(rule) is True]


def block_decision(judgement: Judgement) -> BlockStatus:
    """Says whether the diagnostic block that diagnosis proposes is released."""
    status = block_status(judgement)
    stops = judgement.locked or judgement.held
    return "withheld" if stops and status != "not_applicable" else status
