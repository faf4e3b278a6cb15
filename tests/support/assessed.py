"""Makes the decision of diagnosis from an assessment document, until diagnosis sends its own."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from rules import Knowledge
from treatment.judge import AssessmentCompleted, Case, Judgement, evaluate, in_force
from treatment.write import Brief, Plan, load_sentences, write_document

READ = ("BC-05", "BC-08", "NE-01", "NE-02", "NE-03", "NE-04", "NE-05")


def as_decision(document: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a decision that treatment reads."""
    flags = document["red_flags"]
    headline = flags.get("headline")
    return {
        "case_id": document.get("case_id"),
        "revision": document.get("revision"),
        "likelihood": document["likelihood"],
        "locked": flags["locked"],
        "hold": flags["hold"],
        "locks": flags.get("locks") or [],
        "holds": flags.get("holds") or [],
        "headline": {name: headline[name] for name in ("rule", "urgency")} if headline else None,
        "withheld": flags.get("withheld") or {},
        "screen": {"complete": flags["screen"]["complete"]},
        "nodules": [
            {name: one.get(name) for name in ("id", "likelihood", "fat_on_imaging")}
            for one in document.get("nodules") or ()
        ],
        "competitor_found": document.get("competing"),
        "differentials": [
            {name: one[name] for name in ("rule", "state")}
            for one in document.get("differentials") or ()
        ],
        "questions": [],
        "for_plan": {rule: document["verdicts"].get(rule) for rule in READ},
        "ruleset": document.get("ruleset"),
    }


def as_brief(document: Mapping[str, Any]) -> dict[str, Any]:
    """A brief as diagnosis might write it; words of its own are not needed here."""
    flags = document["red_flags"]
    headline = flags.get("headline") or {}
    urgency = headline.get("urgency", "routine")
    action = headline.get("action") or "Examine further."
    screen = flags["screen"]
    return {
        "kind": "assessment",
        "revision": document.get("revision"),
        "on": document.get("on") or "2026-11-22",
        "subject": "woman, 47",
        "action": {
            "do": {"text": action},
            "who": "You.",
            "when": "Now.",
            "urgency": urgency if urgency in {"emergency", "same_day", "urgent"} else "routine",
        },
        "why": [{"text": headline["title"]}] if headline.get("title") else [],
        "safety": {
            "text": "The red-flag questions.",
            "answered": screen.get("answered", 13 if screen["complete"] else 0),
            "of": 13,
            "rules": [],
        },
        "sign_off": "clinical sign-off: none yet",
        "versions": {"ruleset": "0" * 12, "wording": "0" * 12},
    }


def decision_of(document: Mapping[str, Any]) -> AssessmentCompleted:
    return msgspec.convert(as_decision(document), AssessmentCompleted)


def brief_of(document: Mapping[str, Any]) -> Brief:
    return msgspec.convert(as_brief(document), Brief)


def case_of(
    document: Mapping[str, Any],
    facts: Mapping[str, Any],
    guidance: Knowledge,
    on: date,
    previous: Mapping[str, Any] | None = None,
) -> Case:
    """What treatment judges, of an assessment document and facts in sections."""
    flatten = guidance.vocabulary.flatten
    before = None if previous is None else flatten(previous)
    return Case(decision_of(document), flatten(facts), on, before)


def judged(
    document: Mapping[str, Any], facts: Mapping[str, Any], guidance: Knowledge, on: date
) -> Judgement:
    """The verdicts of treatment."""
    return evaluate(case_of(document, facts, guidance, on), in_force(guidance, on))


def recommend(
    document: Mapping[str, Any],
    facts: Mapping[str, Any],
    guidance: Knowledge,
    on: date,
    previous: Mapping[str, Any] | None = None,
) -> Plan:
    """The full plan document."""
    case = case_of(document, facts, guidance, on, previous)
    return write_document(case, brief_of(document), in_force(guidance, on), load_sentences())
