"""When to look again, and how the last treatment worked."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Final

from treatment.judge.decision import CareOutcome, Contact, CountedFrom, Result
from treatment.judge.judging import Judgement

NEEDLE_OR_SURGERY: Final = frozenset(
    {"injection", "dry_needling", "surgery", "block", "not_stated"}
)


def contacts(judgement: Judgement, on: dt.date) -> list[Contact]:
    """Plans the contacts: after what was done, or else after what is proposed."""
    if judgement.locked:
        return []
    roles = judgement.guidance.roles
    if latest := judgement.fact("latest_treatment"):
        return _after(judgement, latest, judgement.fact("latest_treatment_days_ago"), on)
    if set(judgement.offers()):
        rule = roles.after_treatment
        return _dated(rule, planned(judgement, rule), on, "treatment_today")
    return _dated(roles.conservative, planned(judgement, roles.conservative), on, "today")


def _after(judgement: Judgement, latest: str, ago: int | None, on: dt.date) -> list[Contact]:
    """Lists the contacts that are still to come after the latest treatment."""
    rule = judgement.guidance.roles.after_treatment
    needle = latest in NEEDLE_OR_SURGERY
    to_come = [
        one
        for one in planned(judgement, rule)
        if one["day"] >= (ago or 0) and (needle or not one.get("needle_or_surgery"))
    ]
    start = None if ago is None else on - dt.timedelta(days=ago)
    return _dated(rule, to_come, start, "treatment")


def planned(judgement: Judgement, rule: str) -> list[Mapping[str, Any]]:
    """Takes the contacts from the rule that plans them; none while it is not in force."""
    found = judgement.guidance.rules.get(rule)
    return list(found.then["contacts"]) if found else []


def _dated(
    rule: str,
    tables: Iterable[Mapping[str, Any]],
    start: dt.date | None,
    counted_from: CountedFrom,
) -> list[Contact]:
    return [
        Contact(
            rule=rule,
            kind=one.get("kind", "later"),
            day=one["day"],
            on=(start + dt.timedelta(days=one["day"])).isoformat() if start else None,
            counted_from=counted_from,
        )
        for one in tables
    ]


def outcome_of_care(judgement: Judgement) -> CareOutcome | None:
    """Says how the last treatment worked; None when it cannot be judged yet.

    Of energy and manual therapy only that it helped is said: what follows when it did not is the
    next step, as after other care.
    """
    helped = judgement.verdict("care-helped") is True
    if judgement.locked or (judgement.verdict("one-month-visit") is False and not helped):
        return None
    roles = judgement.guidance.roles
    judged = next((one for one in roles.outcome if judgement.verdict(one.rule) is True), None)
    if judged is None:
        return CareOutcome(result="unknown")
    rose = judgement.verdict("pain-rose") is True
    before, after, days = _scores(judgement)
    last = judgement.fact("nrs_just_before")
    result: Result = "worse" if rose else judged.result  # type: ignore[assignment]  # from data
    return CareOutcome(
        result=result,
        rule=judged.rule,
        also=tuple(rule for rule in roles.beside_outcome if judgement.verdict(rule) is True),
        pain_before=before,
        pain_just_before=last if rose and last is not None and last != before else None,
        pain_after=after,
        days=days,
    )


def _scores(judgement: Judgement) -> tuple[int | None, int | None, int | None]:
    names = ("baseline_nrs", "follow_up_nrs", "days_from_treatment_to_contact")
    if judgement.verdict("one-month-visit") is not True:
        names = ("care_baseline_nrs", "care_follow_up_nrs", "days_from_care_to_contact")
    before, after, days = map(judgement.fact, names)
    return before, after, days


def if_it_fails(judgement: Judgement) -> list[str]:
    """Names the rules on what comes next when the step does not help."""
    roles = judgement.guidance.roles
    if judgement.locked or any(judgement.verdict(rule) is True for rule in roles.settled):
        return []
    needle = judgement.step_code in roles.needle_steps
    rules = roles.if_a_needle_fails if needle else roles.if_care_fails
    return [rule for rule in rules if rule in judgement.guidance.rules]


def safety_net(judgement: Judgement) -> list[str]:
    """Names the rules on what must bring the patient back at once."""
    roles = judgement.guidance.roles
    if judgement.locked:
        return []
    return [rule for rule in roles.safety_net if rule in judgement.guidance.rules]
