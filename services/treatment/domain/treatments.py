"""Shows every treatment of the founding article: its status, why, and what was checked."""

from typing import Any

from treatment.domain.checks import STEROID
from treatment.domain.guidance import BLOCK_RULE, Modality
from treatment.domain.judging import CLEAR, FOUND, OFFERED, Judgement, block_status
from treatment.domain.preparing import Assessment
from treatment.domain.sentences import (
    Item,
    against,
    consent_items,
    contraindication_items,
    gate_item,
    rule_item,
    stopped,
)

_UNPROVEN = "Allowed: its contraindications are answered and clear. Whether it helps is unproven."
_OFFERED = "Nothing stands against it; the evidence is stated below."
_ALONE = "A local anaesthetic alone is an option (TX-08)."


def treatment_items(judgement: Judgement, assessment: Assessment) -> list[Item]:
    """Lists all seven treatments, in their order."""
    if judgement.locked:
        return [_locked(modality, assessment, judgement) for modality in _all(judgement)]
    return [_treatment(judgement, modality, assessment) for modality in _all(judgement)]


def _all(judgement: Judgement) -> tuple[Modality, ...]:
    return judgement.guidance.modalities


def _locked(modality: Modality, assessment: Assessment, judgement: Judgement) -> Item:
    return {
        "modality": modality.code,
        "title": modality.title,
        "status": "blocked",
        "because": stopped(judgement, assessment),
        "contraindications": [],
        "evidence": None,
        "notes": [],
    }


def _treatment(judgement: Judgement, modality: Modality, assessment: Assessment) -> Item:
    status = judgement.statuses[modality.code]
    item: Item = {
        "modality": modality.code,
        "title": modality.title,
        "status": status,
        "because": _because(judgement, modality, status, assessment),
        "contraindications": contraindication_items(
            judgement, modality.contraindications, modality.code
        ),
        "evidence": {"grade_in_words": modality.evidence, "sources": list(modality.sources)},
        "notes": [*modality.notes, *_dose_note(judgement, modality)],
    }
    if modality.code == "injection":
        item[STEROID] = _steroid(judgement, status)
    return item


def _because(
    judgement: Judgement, modality: Modality, status: str, assessment: Assessment
) -> list[Item]:
    if judgement.held:
        return stopped(judgement, assessment)
    if status not in OFFERED:
        return against(judgement, modality)
    reasons = [_reason(judgement, rule) for rule in _for(judgement, modality)]
    sentence = _UNPROVEN if status == "optional_unproven" else _OFFERED
    return reasons or [{"gate": "clear", "sentence": sentence}]


def _reason(judgement: Judgement, rule: str) -> Item:
    """Shows why a treatment is open; what the step tells at length is not told again."""
    item = rule_item(judgement, rule)
    told = judgement.step[0].when == rule
    return {key: item[key] for key in item if not (told and key == "because")}


def _for(judgement: Judgement, modality: Modality) -> list[str]:
    """Names the rules that speak for a treatment that is open."""
    rules = {
        "injection": ("FU-03", "TX-07", "TX-08"),
        "dry_needling": ("TX-09",),
        "manual_therapy": ("TX-05",),
        "surgery": ("TX-10", "TX-11"),
    }.get(modality.code, ("TX-06",))
    return [rule for rule in rules if judgement.verdict(rule) is True]


def _dose_note(judgement: Judgement, modality: Modality) -> list[str]:
    """Answers a stated amount with above or below, never with an amount."""
    if modality.code != "injection" or not judgement.fact("stated_doses"):
        return []
    if judgement.contraindication("CI-04", "injection") == CLEAR:
        return ["The stated amount is below the published ceiling; verify the national label."]
    return []


def _steroid(judgement: Judgement, injection: str) -> Item:
    """Says whether a corticosteroid may be added; an open injection can always do without one."""
    rules = [
        rule for rule in judgement.guidance.rules if STEROID in judgement.guidance.concerns(rule)
    ]
    items = contraindication_items(judgement, rules, STEROID)
    states = {item["state"] for item in items}
    clear = injection in OFFERED and states == {CLEAR} and judgement.consent(STEROID) is True
    status = "blocked" if FOUND in states else "optional" if clear else "withheld"
    open_ = [item for item in items if item["state"] != CLEAR]
    return {
        "status": status,
        "sentence": _ALONE if injection in OFFERED else f"The injection itself is {injection}.",
        "because": [*consent_items(judgement, STEROID), *open_],
    }


def block_item(judgement: Judgement, assessment: Assessment) -> Item:
    """Says whether the diagnostic block that diagnosis proposes is released, and why not."""
    status = block_status(judgement)
    if judgement.locked or judgement.held:
        withheld = status if status == "not_applicable" else "withheld"
        return {"status": withheld, "because": stopped(judgement, assessment)}
    if status == "not_applicable":
        sentence = "Diagnosis does not propose a block now."
        return {"status": status, "because": [{"rule": "NE-05", "sentence": sentence}]}
    if status == "released":
        return {"status": status, "because": [rule_item(judgement, BLOCK_RULE)]}
    return {"status": status, "because": _block_reasons(judgement)}


def _block_reasons(judgement: Judgement) -> list[Item]:
    """Reads the rule's own parts, so that the reasons are those that decided."""
    tree = judgement.guidance.compiled.explain(
        judgement.evaluation.facts, judgement.evaluation, BLOCK_RULE
    )
    return [_part(judgement, part) for part in tree["children"] if part["verdict"] is not True]


def _part(judgement: Judgement, part: dict[str, Any]) -> Item:
    asks = part["verdict"] is None
    inner = part["children"][0] if part["op"] == "not" else part
    name = inner.get("id", inner.get("fact", ""))
    if name.startswith("gate-"):
        return gate_item(judgement, name)
    state = {"state": "unknown_ask" if asks else "not_met"}
    if name == "NE-05":
        return {"rule": name, "sentence": "Diagnosis has not decided yet on a block.", **state}
    rule = judgement.guidance.rules.get(name)
    if rule:
        sentence = f"{rule.title}: not answered; ask." if asks else rule.then["says"]
        return {"rule": name, "sentence": sentence, **state}
    found = judgement.guidance.knowledge.definitions[name]
    words = f"Not answered; ask: {found.because}" if asks else found.because
    return {"gate": name, "sentence": words, **state}
