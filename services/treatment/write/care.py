"""Writes when to look again, how the last treatment worked, and what comes next."""

from collections.abc import Iterable, Sequence

from treatment.judge.asking import missing
from treatment.judge.decision import CareOutcome, Contact
from treatment.write.reasons import Item, Writing, rule_item


def follow_up_items(writing: Writing, contacts: Sequence[Contact]) -> list[Item]:
    """Writes the contacts; what counts as success is the same for all, and said once."""
    return [_contact(writing, one, first=place == 0) for place, one in enumerate(contacts)]


def _contact(writing: Writing, contact: Contact, *, first: bool) -> Item:
    then = writing.judgement.guidance.rules[contact.rule].then
    planned = next(one for one in then["contacts"] if one["day"] == contact.day)
    return {
        "when_days": contact.day,
        "on": contact.on,
        "counted_from": writing.text(f"counted_from.{contact.counted_from}"),
        "what": planned["what"],
        **({"success": then["success"]} if first else {}),
        "if_not": planned["if_not"],
        "rule": contact.rule,
    }


def outcome_item(writing: Writing, outcome: CareOutcome | None) -> Item | None:
    """Writes how the last treatment worked; None when it cannot be judged yet."""
    if outcome is None:
        return None
    judgement = writing.judgement
    if outcome.rule is None:
        asked = missing(judgement, [one.rule for one in judgement.guidance.roles.outcome])
        sentence = writing.text("care.unknown")
        return {"result": outcome.result, "sentence": sentence, "rule": None, "missing": asked}
    item = rule_item(judgement, outcome.rule)
    return {
        "result": outcome.result,
        "sentence": f"{item['sentence']} {_scores(writing, outcome)}",
        **{key: item[key] for key in ("rule", "because", "strength", "sources")},
        "also": [rule_item(judgement, rule) for rule in outcome.also],
    }


def _scores(writing: Writing, outcome: CareOutcome) -> str:
    last = outcome.pain_just_before
    return writing.text(
        "care.scores",
        before=outcome.pain_before,
        lately="" if last is None else writing.text("care.lately", score=last),
        after=outcome.pain_after,
        days=outcome.days,
    )


def if_it_fails_items(writing: Writing, rules: Iterable[str]) -> list[Item]:
    """Writes what comes next when the step does not help."""
    return [_if(writing, rule) for rule in rules]


def _if(writing: Writing, rule: str) -> Item:
    then = writing.judgement.guidance.rules[rule].then
    return {"rule": rule, "sentence": then.get("later", then["says"])}


def safety_net_items(writing: Writing, rules: Iterable[str]) -> list[Item]:
    """Writes what must bring the patient back at once."""
    judgement = writing.judgement
    if judgement.locked:
        return []
    known = judgement.guidance.rules
    items = [{"rule": rule, "sentence": known[rule].then["says"]} for rule in rules]
    repeated = judgement.guidance.roles.screen_repeated
    return [*items, {"rule": repeated, "sentence": writing.text("care.screen")}]
