"""Where a locking red flag sends the patient, and how fast, as keys of `referrals.toml`."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from treatment.judge.assessment import AssessmentCompleted
from treatment.judge.decision import Referral
from treatment.judge.judging import Judgement

BOTH: Final = "hernia_too"
EMERGENCY: Final = "emergency"
URGENT: Final = "urgent"
NO_RULE: Final = "None"  # a lock without a headline, which diagnosis never sends


def referral(judgement: Judgement, assessment: AssessmentCompleted) -> Referral | None:
    """Says where to refer; None unless a red flag locks."""
    if not judgement.locked:
        return None
    headline = assessment.headline
    rule = headline.rule if headline else NO_RULE
    urgency = headline.urgency if headline else NO_RULE
    locks = assessment.locks or (rule,)
    table = judgement.guidance.knowledge.other["referrals.toml"]
    destination, delay = _entries(table, rule, urgency, locks)
    return Referral(
        rule=rule,
        rules=locks,
        urgency=urgency,
        destination=destination,
        delay=delay,
        also=tuple(_others(table, rule, locks)),
    )


def _entries(
    table: Mapping[str, Any], rule: str, urgency: str, locks: Sequence[str]
) -> tuple[str | None, str]:
    both = table[BOTH]
    if rule == both["first"] and both["with"] in locks:
        return BOTH, BOTH
    delay = f"urgency.{urgency if urgency in table['urgency'] else URGENT}"
    if urgency == URGENT and rule in table[URGENT]:
        delay = f"{URGENT}.{rule}"
    if urgency == EMERGENCY and rule in table[EMERGENCY]:
        return f"{EMERGENCY}.{rule}", delay
    return (f"to.{rule}" if rule in table["to"] else None), delay


def _others(table: Mapping[str, Any], rule: str, locks: Sequence[str]) -> list[str]:
    """Names the other locking flags that send the patient somewhere of their own."""
    both = table[BOTH]
    covered = {rule, both["with"]} if rule == both["first"] else {rule}
    return [lock for lock in locks if lock not in covered and lock in table["to"]]
