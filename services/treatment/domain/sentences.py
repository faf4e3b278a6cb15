"""Puts verdicts into sentences: reasons, contraindications, and what still has to be asked."""

import functools
from collections.abc import Iterable, Mapping
from typing import Any, Final

from rules import RuleInForce
from rules.catalogue.questions import question
from treatment.domain.guidance import HOLD, LOCK, NOT_ASSESSED, Modality
from treatment.domain.judging import (
    ABSENT,
    ASK,
    CAUTION,
    CLEAR,
    FOUND,
    NOT_STATED,
    Judgement,
)
from treatment.domain.preparing import Assessment

Item = dict[str, Any]

_ASKED: Final = {  # what to ask about a derived fact
    "pain_nrs_judged": ("pain_nrs_now",),
    "needle_days_in_12_months": ("treatments_given", "previous_treatments"),
    "block_was_negative": ("blocks",),
    "assessed_nodules": ("nodules",),
    "steroid_events": ("steroid_injections",),
}
_VISIT: Final = (
    "followed_up",
    "baseline_",
    "follow_up_",
    "seen_after",
    "days_from",
    "care_",
    "relief_",
    "visits_between",
)
_RELIEF: Final = {"effect": ("treatments_given",)}
SAID_BY: Final = {"max_temp_c": "fever"}  # not worth asking once the other is answered
_DOSE: Final = {"mg_per_kg": ("weight_kg", "height_cm"), "with_adrenaline": ("planned_drugs",)}


def rule_item(judgement: Judgement, rule: str) -> Item:
    """Shows a rule as a reason."""
    found = judgement.guidance.rules[rule]
    item: Item = {
        "rule": rule,
        "sentence": found.then["says"],
        "because": found.because,
        "strength": found.strength,
    }
    if found.project_choice:
        item["project_choice"] = found.project_choice
    return item | {"sources": list(found.sources)}


def gate_item(judgement: Judgement, gate: str) -> Item:
    """Shows a gate that is closed or unanswered as a reason."""
    knowledge = judgement.guidance.knowledge
    unknown = judgement.verdict(gate) is None
    if gate in knowledge.definitions:
        found = knowledge.definitions[gate]
        item: Item = {"gate": gate, "sentence": found.because}
        sources = list(found.sources)
    else:
        rule = judgement.guidance.rules.get(gate)
        title = rule.title if rule else gate
        item = {
            "rule": gate,
            "sentence": f"{title}: {'not decided yet' if rule else NOT_ASSESSED}.",
        }
        if rule and not unknown:
            item["sentence"] = f"{title}: does not apply."
        sources = list(rule.sources) if rule else []
    item["state"] = "unknown_ask" if unknown else "not_met"
    return item | {"missing": missing(judgement, [gate]) if unknown else [], "sources": sources}


def stopped(judgement: Judgement, assessment: Assessment) -> list[Item]:
    """Gives the one reason that counts while a red flag locks or holds."""
    headline = assessment["red_flags"].get("headline") or {}
    flag = headline.get("rule", "red flag")
    title = headline.get("title", "")
    if judgement.locked:
        sentence = f"{flag} locks all treatment: {title}".rstrip(": ") + "."
        return [{"rule": LOCK, "flag": flag, "sentence": sentence}]
    holds = assessment["red_flags"].get("holds") or []
    reason = judgement.guidance.knowledge.definitions[HOLD].because
    return [{"gate": HOLD, "flags": list(holds), "sentence": reason}]


def against(judgement: Judgement, modality: Modality) -> list[Item]:
    """Lists what stands against a treatment, in the order of precedence."""
    items = [gate_item(judgement, "gate-screen")] if _closed(judgement, "gate-screen") else []
    states = {
        rule: judgement.contraindication(rule, modality.code) for rule in modality.contraindications
    }
    items += [_short(judgement, rule) for rule, state in states.items() if state == FOUND]
    items += [
        {"rule": rule, "sentence": f"{rule} is {NOT_ASSESSED}."}
        for rule, state in states.items()
        if state == ABSENT
    ]
    items += consent_items(judgement, modality.code)
    closed = [g for g in modality.gates if g != "gate-screen" and _closed(judgement, g)]
    items += [gate_item(judgement, gate) for gate in closed]
    asked = [rule for rule, state in states.items() if state == ASK]
    recorded = [rule for rule in asked if judgement.verdict(rule) is True]
    items += contraindication_items(judgement, recorded, modality.code)
    asked = [rule for rule in asked if rule not in recorded]
    if asked:
        sentence = f"Contraindications not answered yet: {', '.join(asked)}."
        items.append({"rules": asked, "state": "unknown_ask", "sentence": sentence})
    return items


def _closed(judgement: Judgement, gate: str) -> bool:
    return judgement.verdict(gate) is not True


def _short(judgement: Judgement, rule: str) -> Item:
    found = judgement.guidance.rules[rule]
    return {"rule": rule, "sentence": found.then["says"], "sources": list(found.sources)}


def consent_items(judgement: Judgement, code: str) -> list[Item]:
    """Says whether consent is refused or has not been asked for; nothing if it is given."""
    agreed = judgement.consent(code)
    if agreed is None:
        asked = {"missing": [f"consent.{code}"], "state": "unknown_ask"}
        return [{"gate": "consent", "sentence": "Consent is not recorded.", **asked}]
    refusal = {"state": "not_met", "sentence": "The patient does not agree to it."}
    return [] if agreed else [{"gate": "consent", **refusal}]


def contraindication_items(
    judgement: Judgement, rules: Iterable[str], treatment: str
) -> list[Item]:
    """Lists each contraindication of a treatment with how it stands."""
    return [_contraindication(judgement, rule, treatment) for rule in rules]


def _contraindication(judgement: Judgement, rule: str, treatment: str) -> Item:
    state = judgement.contraindication(rule, treatment)
    if state == ABSENT:
        return {"rule": rule, "state": ASK, "sentence": f"{rule} is {NOT_ASSESSED}.", "missing": []}
    found = judgement.guidance.rules[rule]
    if state == CLEAR:
        return {"rule": rule, **_clear(judgement, found)}
    if state == ASK:
        asked = missing(judgement, [rule, *_conditions(judgement, rule, treatment)])
        sentence = _unanswered(judgement, found, asked)
        return {"rule": rule, "state": state, "sentence": sentence, "missing": asked}
    cautions = found.then.get("cautions", {}) if state == CAUTION else {}
    sentence = cautions.get(treatment, found.then["says"])
    return {"rule": rule, "state": state, "sentence": sentence, "missing": []}


def _clear(judgement: Judgement, found: RuleInForce) -> Item:
    """Says that nothing was found, or that there was nothing to hold against a limit."""
    compares = found.then.get("compares")
    if compares and not judgement.fact(compares["list"]):
        return {"state": NOT_STATED, "sentence": compares["without"]}
    return {"state": CLEAR}


def _unanswered(judgement: Judgement, found: RuleInForce, asked: Iterable[str]) -> str:
    """Says what is missing; where the finding itself is recorded, by name."""
    if judgement.verdict(found.id) is not True:
        return f"{found.title}: not answered yet."
    named = ", ".join(label(judgement, name) for name in asked)
    return f"{found.title}: recorded; still missing: {named}."


def _conditions(judgement: Judgement, rule: str, treatment: str) -> list[str]:
    effect = judgement.guidance.concerns(rule).get(treatment)
    return list(effect.values()) if isinstance(effect, Mapping) else []


def missing(judgement: Judgement, names: Iterable[str]) -> list[str]:
    """Names the facts to ask for, so that these rules or definitions can be decided."""
    found = judgement.guidance.compiled.undecided_facts(judgement.evaluation, names)
    said = {name for name, other in SAID_BY.items() if judgement.fact(other) is not None}
    return sorted({asked for name in found for asked in to_ask(name)} - said)


@functools.lru_cache(maxsize=4096)
def to_ask(name: str) -> tuple[str, ...]:
    """Says which recorded facts a fact of the rules rests on; none for what diagnosis decides."""
    if name.startswith(("assessment_", "cluneal_", "any_treatment_", "signs_before")):
        return ()
    if name.startswith(_VISIT):
        return ("contacts",)
    if name.startswith("ended_reliefs"):
        return _RELIEF.get(name.rpartition(".")[2], ("blocks",))
    if name.startswith("stated_doses"):
        return _DOSE.get(name.rpartition(".")[2], ("planned_drugs",))
    return _ASKED.get(name.partition("[")[0], (name,))


def label(judgement: Judgement, name: str) -> str:
    """Says what people call a fact."""
    vocabulary = judgement.guidance.compiled.vocabulary
    known = vocabulary.lists.get(name)
    return known.label if known else vocabulary.fact(name).label


def questions(judgement: Judgement, names: Iterable[str]) -> dict[str, str]:
    """Asks for each fact as a clinician would."""
    vocabulary = judgement.guidance.compiled.vocabulary
    return {name: question(vocabulary, name) for name in names}
