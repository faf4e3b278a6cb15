"""Writes every treatment: its status, why, and what was checked; and the diagnostic block."""

from typing import Any

from treatment.judge.checks import STEROID
from treatment.judge.decide import block_decision
from treatment.judge.guidance import Modality
from treatment.judge.judging import CLEAR, OFFERED
from treatment.judge.reasons import speaking_for, steroid_rules, steroid_status
from treatment.write.reasons import (
    Item,
    Writing,
    consent_items,
    contraindication_item,
    gate_item,
    reason_items,
    rule_item,
    stopped,
)

INJECTION = "injection"


def treatment_items(writing: Writing) -> list[Item]:
    """Lists all treatments, in their order."""
    modalities = writing.judgement.guidance.modalities
    if writing.judgement.locked:
        return [_locked(writing, modality) for modality in modalities]
    return [_treatment(writing, modality) for modality in modalities]


def _locked(writing: Writing, modality: Modality) -> Item:
    return {
        "modality": modality.code,
        "title": modality.title,
        "status": "blocked",
        "because": stopped(writing),
        "contraindications": [],
        "evidence": None,
        "notes": [],
    }


def _treatment(writing: Writing, modality: Modality) -> Item:
    status = writing.judgement.statuses[modality.code]
    item: Item = {
        "modality": modality.code,
        "title": modality.title,
        "status": status,
        "because": _because(writing, modality, status),
        "contraindications": [
            contraindication_item(writing, rule, modality.code)
            for rule in modality.contraindications
        ],
        "evidence": {"grade_in_words": modality.evidence, "sources": list(modality.sources)},
        "notes": [*modality.notes, *_dose_note(writing, modality)],
    }
    if modality.code == INJECTION:
        item[STEROID] = _steroid(writing, status)
    return item


def _because(writing: Writing, modality: Modality, status: str) -> list[Item]:
    if writing.judgement.held:
        return stopped(writing)
    if status not in OFFERED:
        return reason_items(writing, modality)
    reasons = [_reason(writing, rule) for rule in speaking_for(writing.judgement, modality)]
    key = "treatment.unproven" if status == "optional_unproven" else "treatment.open"
    return reasons or [{"gate": "clear", "sentence": writing.text(key)}]


def _reason(writing: Writing, rule: str) -> Item:
    """Shows why a treatment is open; what stands with the step at length is not repeated."""
    item = rule_item(writing.judgement, rule)
    repeated = writing.judgement.step[0].when == rule
    return {key: item[key] for key in item if not (repeated and key == "because")}


def _dose_note(writing: Writing, modality: Modality) -> list[str]:
    """Answers a stated amount with above or below, never with an amount."""
    judgement = writing.judgement
    if modality.code != INJECTION or not judgement.fact("stated_doses"):
        return []
    if judgement.contraindication(judgement.guidance.roles.stated_dose, INJECTION) == CLEAR:
        return [writing.text("treatment.dose_below")]
    return []


def _steroid(writing: Writing, injection: str) -> Item:
    """Says whether a corticosteroid may be added; an open injection can always do without one."""
    rules = steroid_rules(writing.judgement)
    items = [contraindication_item(writing, rule, STEROID) for rule in rules]
    unclear = [item for item in items if item["state"] != CLEAR]
    alone = injection in OFFERED
    return {
        "status": steroid_status(writing.judgement),
        "sentence": writing.text("steroid.alone")
        if alone
        else writing.text("steroid.injection", status=injection),
        "because": [*consent_items(writing, STEROID), *unclear],
    }


def block_item(writing: Writing) -> Item:
    """Says whether the diagnostic block that diagnosis proposes is released, and why not."""
    judgement = writing.judgement
    roles = judgement.guidance.roles
    status = block_decision(judgement)
    if judgement.locked or judgement.held:
        return {"status": status, "because": stopped(writing)}
    if status == "not_applicable":
        sentence = writing.text("block.not_proposed")
        return {"status": status, "because": [{"rule": roles.block_proposed, "sentence": sentence}]}
    if status == "released":
        return {"status": status, "because": [rule_item(judgement, roles.block)]}
    return {"status": status, "because": _block_reasons(writing)}


def _block_reasons(writing: Writing) -> list[Item]:
    """Reads the conditions of the rule itself, so that the reasons are those that decided."""
    judgement = writing.judgement
    tree = judgement.guidance.compiled.explain(
        judgement.evaluation.facts, judgement.evaluation, judgement.guidance.roles.block
    )
    return [_condition(writing, one) for one in tree["children"] if one["verdict"] is not True]


def _condition(writing: Writing, condition: dict[str, Any]) -> Item:
    guidance = writing.judgement.guidance
    asks = condition["verdict"] is None
    inner = condition["children"][0] if condition["op"] == "not" else condition
    name = inner.get("id", inner.get("fact", ""))
    if name.startswith("gate-"):
        return gate_item(writing, name)
    state = {"state": "unknown_ask" if asks else "not_met"}
    if name == guidance.roles.block_proposed:
        return {"rule": name, "sentence": writing.text("block.undecided"), **state}
    rule = guidance.rules.get(name)
    if rule:
        unanswered = writing.text("block.rule_unanswered", title=rule.title)
        return {"rule": name, "sentence": unanswered if asks else rule.then["says"], **state}
    because = guidance.knowledge.definitions[name].because
    unanswered = writing.text("block.definition_unanswered", because=because)
    return {"gate": name, "sentence": unanswered if asks else because, **state}
