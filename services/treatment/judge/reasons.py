"""What stands against each treatment, in the order of precedence."""

from typing import Final

from treatment.judge.checks import STEROID
from treatment.judge.decision import Reason
from treatment.judge.guidance import HOLD, Modality
from treatment.judge.judging import (
    ABSENT,
    ASK,
    CAUTION,
    CLEAR,
    FOUND,
    OFFERED,
    Judgement,
)

SCREEN: Final = "gate-screen"
CONSENT: Final = "consent"


def against(judgement: Judgement, modality: Modality) -> list[Reason]:
    """Lists what stands against a treatment while no red flag locks or holds."""
    states = judgement.standings(modality.code)
    closed = [gate for gate in modality.gates if judgement.verdict(gate) is not True]
    asked = [rule for rule, state in states.items() if state == ASK]
    recorded = [rule for rule in asked if judgement.verdict(rule) is True]
    return [
        *(_gate(judgement, gate) for gate in closed if gate == SCREEN),
        *(Reason(rule=rule, state="found") for rule, state in states.items() if state == FOUND),
        *(
            Reason(rule=rule, state="not_assessed")
            for rule, state in states.items()
            if state == ABSENT
        ),
        *consent_reasons(judgement, modality.code),
        *(_gate(judgement, gate) for gate in closed if gate != SCREEN),
        *(Reason(rule=rule, state="recorded") for rule in recorded),
        *(Reason(rule=rule, state="unanswered") for rule in asked if rule not in recorded),
    ]


def _gate(judgement: Judgement, gate: str) -> Reason:
    state = "unknown_ask" if judgement.verdict(gate) is None else "not_met"
    if gate in judgement.guidance.knowledge.definitions:
        return Reason(gate=gate, state=state)  # type: ignore[arg-type]  # one of two literals
    return Reason(rule=gate, state=state)  # type: ignore[arg-type]


def consent_reasons(judgement: Judgement, code: str) -> list[Reason]:
    """Says whether consent is refused or was not asked for; nothing if it is given."""
    agreed = judgement.consent(code)
    if agreed is None:
        return [Reason(gate=CONSENT, state="unknown_ask")]
    return [] if agreed else [Reason(gate=CONSENT, state="not_met")]


def stopped(judgement: Judgement) -> Reason:
    """Gives the one reason that counts while a red flag locks or holds."""
    if judgement.locked:
        return Reason(rule=judgement.guidance.roles.lock, state="found")
    return Reason(gate=HOLD, state="found")


def speaking_for(judgement: Judgement, modality: Modality) -> list[str]:
    """Names the rules that speak for a treatment that is open."""
    rules = judgement.guidance.roles.speaks_for.get(modality.code, ())
    return [rule for rule in rules if judgement.verdict(rule) is True]


def cautions(judgement: Judgement, modality: Modality) -> list[str]:
    """Names the contraindications that ask for care and do not forbid."""
    states = judgement.standings(modality.code)
    return [rule for rule, state in states.items() if state == CAUTION]


def steroid_rules(judgement: Judgement) -> list[str]:
    """Names the rules that concern a corticosteroid."""
    guidance = judgement.guidance
    return [rule for rule in guidance.rules if STEROID in guidance.concerns(rule)]


def steroid_status(judgement: Judgement) -> str:
    """Says whether a corticosteroid may be added to an injection."""
    states = {judgement.contraindication(rule, STEROID) for rule in steroid_rules(judgement)}
    offered = judgement.statuses["injection"] in OFFERED
    if FOUND in states:
        return "blocked"
    clear = offered and states == {CLEAR} and judgement.consent(STEROID) is True
    return "optional" if clear else "withheld"


def importance(reason: Reason) -> int:
    """Ranks reasons for a reader: what is certain comes before what is only unanswered."""
    if reason.name == SCREEN:
        return 0
    if reason.state in {"found", "not_met"}:
        return 1
    if reason.state == "unknown_ask":
        return 3 if reason.gate == CONSENT else 2
    return 4
