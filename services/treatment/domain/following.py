"""When to look again, what counts as success, and what the last visit showed."""

import datetime as dt
from typing import Final

from treatment.domain.checks import AFTER_TREATMENT, CONSERVATIVE
from treatment.domain.judging import Judgement
from treatment.domain.sentences import Item, missing, rule_item

_OUTCOMES: Final = (
    ("FU-04", "non_responder"),
    ("FU-03", "partial"),
    ("FU-02", "responder"),
)
_SETTLED: Final = ("FU-02", "FU-07", "FU-08")
_NEEDLE_OR_SURGERY: Final = frozenset(
    {"injection", "dry_needling", "surgery", "block", "not_stated"}
)


def follow_up_items(judgement: Judgement, on: dt.date) -> list[Item]:
    """Plans the contacts: after what was done, or else after what is proposed."""
    if judgement.locked:
        return []
    if latest := judgement.fact("latest_treatment"):
        return _after(judgement, latest, judgement.fact("latest_treatment_days_ago"), on)
    if set(judgement.offers()):
        return _dated(_planned(judgement, AFTER_TREATMENT), on, "a treatment today")
    return _dated(_planned(judgement, CONSERVATIVE), on, "today")


def _after(judgement: Judgement, latest: str, ago: int | None, on: dt.date) -> list[Item]:
    """Lists the contacts that are still to come after the latest treatment."""
    needle = latest in _NEEDLE_OR_SURGERY
    planned = [
        one
        for one in _planned(judgement, AFTER_TREATMENT)
        if one["day"] >= (ago or 0) and (needle or not one.get("needle_or_surgery"))
    ]
    return _dated(planned, None if ago is None else on - dt.timedelta(days=ago), "the treatment")


def _planned(judgement: Judgement, rule: str) -> list[Item]:
    """Takes the contacts from the rule that plans them; none while it is not in force."""
    found = judgement.guidance.rules.get(rule)
    if found is None:
        return []
    then = found.then
    return [{**one, "success": then["success"], "rule": rule} for one in then["contacts"]]


def _dated(planned: list[Item], start: dt.date | None, counted_from: str) -> list[Item]:
    """Says when each contact is; what counts as success is the same at all, and said once."""
    return [
        {
            "when_days": one["day"],
            "on": _text(start, one["day"]) if start else None,
            "counted_from": counted_from,
            "what": one["what"],
            **({"success": one["success"]} if place == 0 else {}),
            "if_not": one["if_not"],
            "rule": one["rule"],
        }
        for place, one in enumerate(planned)
    ]


def _text(start: dt.date, days: int) -> str:
    return (start + dt.timedelta(days=days)).isoformat()


def outcome_item(judgement: Judgement) -> Item | None:
    """Says how the last treatment worked; None when it cannot be judged yet.

    Of energy and manual therapy only that it helped is told: what follows when it did not is the
    next step, as after other care.
    """
    helped = judgement.verdict("care-helped") is True
    if judgement.locked or (judgement.verdict("one-month-visit") is False and not helped):
        return None
    found = [(rule, word) for rule, word in _OUTCOMES if judgement.verdict(rule) is True]
    if not found:
        asked = missing(judgement, [rule for rule, _ in _OUTCOMES])
        sentence = "The last treatment cannot be judged yet; ask for what is missing."
        return {"result": "unknown", "sentence": sentence, "rule": None, "missing": asked}
    rule, word = found[0]
    worse = judgement.verdict("pain-rose") is True
    item = rule_item(judgement, rule)
    return {
        "result": "worse" if worse else word,
        "sentence": f"{item['sentence']} {_scores(judgement)}",
        **{key: item[key] for key in ("rule", "because", "strength", "sources")},
        "also": [rule_item(judgement, r) for r in ("FU-07", "FU-08") if _true(judgement, r)],
    }


def _scores(judgement: Judgement) -> str:
    names = ("baseline_nrs", "follow_up_nrs", "days_from_treatment_to_contact")
    if judgement.verdict("one-month-visit") is not True:
        names = ("care_baseline_nrs", "care_follow_up_nrs", "days_from_care_to_contact")
    before, after, days = map(judgement.fact, names)
    last = judgement.fact("nrs_just_before")
    rose = last is not None and last != before and judgement.verdict("pain-rose") is True
    lately = f", {last} just before the treatment" if rose else ""
    return f"Pain {before} before{lately}, {after} after {days} days."


def _true(judgement: Judgement, rule: str) -> bool:
    return judgement.verdict(rule) is True


def if_it_fails(judgement: Judgement) -> list[Item]:
    """Says what comes next when the step does not help."""
    if judgement.locked or any(_true(judgement, rule) for rule in _SETTLED):
        return []
    needle = judgement.step_code in {"injection", "repeat_once", "surgical_opinion"}
    rules = ("FU-03", "FU-04", "TX-10", "FU-10") if needle else ("FU-05", "TX-07")
    named = [rule for rule in rules if rule in judgement.guidance.rules]
    return [_if(judgement, rule) for rule in named]


def _if(judgement: Judgement, rule: str) -> Item:
    then = judgement.guidance.rules[rule].then
    return {"rule": rule, "sentence": then.get("later", then["says"])}


def safety_net(judgement: Judgement) -> list[Item]:
    """Says what must bring the patient back at once."""
    if judgement.locked:
        return []
    items = [
        {"rule": rule, "sentence": judgement.guidance.rules[rule].then["says"]}
        for rule in ("FU-06",)
        if rule in judgement.guidance.rules
    ]
    screen = "The red-flag screen is repeated at every contact; a clear screen excludes nothing."
    return [*items, {"rule": "RF-17", "sentence": screen}]
