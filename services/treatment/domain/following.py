"""When to look again, what counts as success, and what the last visit showed."""

import datetime as dt
from typing import Any, Final

from treatment.domain.history import JUDGED, latest_treatment
from treatment.domain.judging import Judgement
from treatment.domain.sentences import Item, missing, rule_item

CONTACT: Final = "FU-01"
SUCCESS: Final = (
    "Pain lower by at least 30 percent and 2 points (FU-02); "
    "judged by pain and function, not by the lump (FU-07)."
)
_MONTH: Final = 28
_CONTACTS: Final = (
    (14, "Message: pain score, adverse events, new signs; repeat the red-flag screen."),
    (_MONTH, "Decision visit, day 28 plus or minus 7: pain, function, red-flag screen."),
    (90, "Month 3: pain, function, red-flag screen."),
)
_LATE: Final = (180, "Month 6, after a needle or surgery: pain, function, red-flag screen.")
_CARE: Final = "Review of conservative care, at four to six weeks: pain, function, red-flag screen."
_OUTCOMES: Final = (
    ("FU-04", "non_responder"),
    ("FU-03", "partial"),
    ("FU-02", "responder"),
)
_SETTLED: Final = ("FU-02", "FU-07", "FU-08")


def follow_up_items(judgement: Judgement, on: dt.date) -> list[Item]:
    """Plans the contacts: after what was done, or else after what is proposed."""
    if judgement.locked:
        return []
    done = latest_treatment(judgement.evaluation.facts)
    if done is not None:
        return _after(done, on)
    if set(judgement.offers()):
        every = (*_CONTACTS, _LATE)
        return _said_once([_contact(day, what, on, "a treatment today") for day, what in every])
    item = {"when_days": _MONTH, "on": _text(on, _MONTH), "counted_from": "today", "what": _CARE}
    failure = "No lasting gain: repeat the screen, and consider the next step (FU-05, TX-07)."
    return [{**item, "success": SUCCESS, "if_not": failure, "rule": "TX-05"}]


def _after(done: Any, on: dt.date) -> list[Item]:
    """Lists the contacts that are still to come after a treatment."""
    ago = done.get("performed_days_ago")
    needle = done.get("modality") in {None, *JUDGED}  # a block has no modality
    contacts = (*_CONTACTS, _LATE) if needle else _CONTACTS
    if ago is None:
        return _said_once([_contact(day, what, None, "the treatment") for day, what in contacts])
    start = on - dt.timedelta(days=ago)
    coming = [(day, what) for day, what in contacts if day >= ago]
    return _said_once([_contact(day, what, start, "the treatment") for day, what in coming])


def _said_once(contacts: list[Item]) -> list[Item]:
    """Leaves what counts as success to the first contact; it is the same at all."""
    later = [{key: one[key] for key in one if key != "success"} for one in contacts[1:]]
    return [*contacts[:1], *later]


def _contact(day: int, what: str, start: dt.date | None, counted_from: str) -> Item:
    return {
        "when_days": day,
        "on": _text(start, day) if start else None,
        "counted_from": counted_from,
        "what": what,
        "success": SUCCESS,
        "if_not": _IF_NOT if day == _MONTH else "Worse, or a new sign: same-day review (FU-06).",
        "rule": CONTACT,
    }


_IF_NOT: Final = (
    "Partial: check diagnosis and technique, one repeat (FU-03). "
    "No response: open the differential again (FU-04)."
)


def _text(start: dt.date, days: int) -> str:
    return (start + dt.timedelta(days=days)).isoformat()


def outcome_item(judgement: Judgement) -> Item | None:
    """Says how the last needle treatment or operation worked; None when it cannot be judged yet."""
    visit = judgement.verdict("one-month-visit")
    if judgement.locked or visit is False:
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
    before, after = judgement.fact("baseline_nrs"), judgement.fact("follow_up_nrs")
    days = judgement.fact("days_from_treatment_to_contact")
    return f"Pain {before} before, {after} after {days} days."


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
