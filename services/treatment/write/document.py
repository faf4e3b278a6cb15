"""The plan as a document: everything that was decided, with its reasons and sources in full."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from rules.catalogue.sources import all_citations, named
from rules.language.sentences import Sentences
from treatment.judge.decide import decided
from treatment.judge.decision import Decision, Referral
from treatment.judge.guidance import Guidance
from treatment.judge.judging import Case, Judgement, evaluate
from treatment.write.brief import Brief
from treatment.write.care import (
    follow_up_items,
    if_it_fails_items,
    outcome_item,
    safety_net_items,
)
from treatment.write.missing import missing_items
from treatment.write.reasons import Item, Writing, gate_item, questions, rule_item
from treatment.write.treatments import block_item, treatment_items

Plan = dict[str, Any]

_CITED: Final = (
    "referral", "step", "modalities", "self_care", "diagnostic_block", "outcome_of_care",
)  # fmt: skip
_ASKING: Final = ("modalities", "self_care", "diagnostic_block", "outcome_of_care")


def write_document(
    case: Case,
    assessed: Brief,
    guidance: Guidance,
    sentences: Sentences,
) -> Plan:
    """Writes the whole plan of one revision; the same arguments give the same plan for ever.

    Args:
        case: The decision of diagnosis, the facts, the date, the facts of the revision before.
        assessed: The brief of diagnosis.
        guidance: The guidance in force on that date.
        sentences: The wording.

    Returns:
        The plan document, its keys in reading order.
    """
    judgement = evaluate(case, guidance)
    decision = decided(judgement, case)
    writing = Writing(judgement, case.assessment, assessed, sentences)
    plan: Plan = {
        "kind": "plan",
        "case_id": decision.case_id,
        "revision": decision.revision,
        "on": decision.on,
        "outcome": decision.outcome,
        "summary": "",
        "referral": _referral(writing, decision.referral),
        "step": _step(writing),
        "modalities": treatment_items(writing),
        "self_care": _self_care(writing, decision),
        "diagnostic_block": block_item(writing),
        "follow_up": follow_up_items(writing, decision.follow_up),
        "outcome_of_care": outcome_item(writing, decision.outcome_of_care),
        "if_it_fails": if_it_fails_items(writing, decision.if_it_fails),
        "safety_net": safety_net_items(writing, decision.safety_net),
        "missing_findings": missing_items(writing, case),
        "verdicts": judgement.evaluation.verdicts,
        "sign_off": writing.text("sign_off"),
        "limits": [writing.text(f"limits.{name}") for name in _LIMITS],
        "guidance": guidance.named,
        "ruleset": _ruleset(decision),
    }
    plan["summary"] = _summary(writing, plan)
    asked = named((plan[section] for section in _ASKING), "missing")
    plan["questions"] = questions(judgement, sorted(asked))
    return plan | {"citations": _citations(plan, guidance)}


_LIMITS: Final = ("support", "dose", "evidence", "sight")


def _ruleset(decision: Decision) -> dict[str, Any] | None:
    used = decision.ruleset
    if used is None:
        return None
    return {"version": used.version, "sha256": used.sha256, "evaluator": used.evaluator}


def _referral(writing: Writing, referral: Referral | None) -> Item | None:
    """Writes where to refer; what the red flag demands was worded by diagnosis."""
    if referral is None:
        return None
    guidance = writing.judgement.guidance
    table = guidance.knowledge.other["referrals.toml"]
    action = writing.assessed.action.do.text
    both = referral.destination == "hernia_too"
    return {
        "to": _destination(table, referral) or action,
        "how_fast": table["hernia_too"]["how_fast"] if both else _entry(table, referral.delay),
        "because": " ".join(one.text for one in writing.assessed.why) or action,
        "action": action,
        "rules": list(referral.rules),
        "also": [{"rule": rule, "to": table["to"][rule]} for rule in referral.also],
        "sources": list(guidance.rules[guidance.roles.lock].sources),
    }


def _destination(table: Mapping[str, Any], referral: Referral) -> str | None:
    if referral.destination == "hernia_too":
        return str(table["hernia_too"]["to"])
    return _entry(table, referral.destination) if referral.destination else None


def _entry(table: Mapping[str, Any], key: str) -> str:
    section, _, name = key.partition(".")
    return str(table[section][name])


def _step(writing: Writing) -> Item:
    judgement = writing.judgement
    line, waits = judgement.step
    title = line.waiting if waits and line.waiting else line.title
    return {"code": judgement.step_code, "title": title, "because": _step_reasons(writing)}


def _step_reasons(writing: Writing) -> list[Item]:
    judgement = writing.judgement
    line, _ = judgement.step
    rules = (line.when,) if line.when in judgement.guidance.rules else line.because
    true = next((rule for rule in rules if judgement.verdict(rule) is True), None)
    if rules:
        return [rule_item(judgement, true or rules[-1])]
    item = gate_item(writing, line.when)
    return [{key: item[key] for key in ("gate", "sentence", "sources")}]


def _self_care(writing: Writing, decision: Decision) -> list[Item]:
    """Lists care that needs no release; unknown contraindications never withhold it."""
    judgement = writing.judgement
    if judgement.locked:
        return []
    roles = judgement.guidance.roles
    items = [rule_item(judgement, rule) for rule in decision.self_care]
    nsaid = {
        "rule": roles.nsaid,
        "sentence": _nsaid(writing),
        "sources": list(roles.nsaid_sources),
    }
    unknown = judgement.fact("nsaid_unsuitable") is None
    return [*items, {**nsaid, "missing": ["nsaid_unsuitable"] if unknown else []}]


def _nsaid(writing: Writing) -> str:
    judgement = writing.judgement
    unsuitable = judgement.fact("nsaid_unsuitable")
    key = {True: "unsuitable", False: "suitable", None: "unknown"}[unsuitable]
    sentence = writing.text(f"nsaid.{key}")
    pregnancy = judgement.verdict(judgement.guidance.roles.pregnancy)
    if unsuitable is True or pregnancy is False:
        return sentence
    return f"{sentence} {writing.text('nsaid.pregnancy')}"


def _summary(writing: Writing, plan: Plan) -> str:
    if plan["referral"]:
        to, how_fast = plan["referral"]["to"], plan["referral"]["how_fast"]
        return writing.text("nothing_applied", how_fast=how_fast, to=to)
    care = plan["outcome_of_care"]
    offers, options = _titles(plan, "offered"), _titles(plan, "optional_unproven")
    sentences = [writing.text("step", title=plan["step"]["title"])]
    if care and care["rule"]:
        sentences.append(writing.text("outcome", result=care["result"].replace("_", " ")))
    offered = writing.text("offered", names=", ".join(offers))
    sentences.append(offered if offers else writing.text("no_offer"))
    if options:
        sentences.append(writing.text("optional", names=", ".join(options)))
    return " ".join(sentences)


def _titles(plan: Plan, status: str) -> list[str]:
    """Names treatments as inside a sentence; an abbreviation keeps its capitals."""
    titles = [one["title"] for one in plan["modalities"] if one["status"] == status]
    return [title if title[:2].isupper() else title[:1].lower() + title[1:] for title in titles]


def _citations(plan: Plan, guidance: Guidance) -> dict[str, Any]:
    """Gives each source that the plan names, in full."""
    known = all_citations(guidance.knowledge)
    keys = named(plan[section] for section in _CITED)
    return {key: dict(known[key]) for key in sorted(keys) if key in known}


def write_explanation(judgement: Judgement) -> dict[str, Any]:
    """Shows for each rule, as a tree, why its verdict came out."""
    evaluation, guidance = judgement.evaluation, judgement.guidance
    return {
        rule: guidance.compiled.explain(evaluation.facts, evaluation, rule)
        for rule in guidance.rules
    }


def as_bytes(plan: Plan) -> bytes:
    """Writes a plan down; equal plans give equal bytes."""
    return orjson.dumps(plan)
