"""The plan as a document: what a clinician reads, and what other services keep."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import orjson

from rules import Knowledge
from rules.catalogue.sources import all_citations, named
from treatment.domain.changes import missing_items
from treatment.domain.following import (
    follow_up_items,
    if_it_fails,
    outcome_item,
    safety_net,
)
from treatment.domain.guidance import Guidance, in_force
from treatment.domain.judging import Case, Judgement, judge
from treatment.domain.preparing import Assessment, Facts
from treatment.domain.sentences import Item, gate_item, questions, rule_item
from treatment.domain.treatments import block_item, treatment_items

Plan = dict[str, Any]

MOST_BYTES: Final = 62_000
"""Bytes; an event carries a document of 64 KiB, the rest is room for its own names."""
LIMITS: Final = (
    "Supports a clinician and replaces none; it is no diagnosis and no prescription.",
    "No dose is given; amounts are only held against published ceilings; the label decides.",
    "Evidence on treating back mice is weak: one small trial, uncontrolled series, single cases.",
    "Treatment cannot see the patient: it builds on the assessment and on what was recorded.",
)
_CITED: Final = (
    "referral", "step", "modalities", "self_care", "diagnostic_block", "outcome_of_care",
)  # fmt: skip
_ASKING: Final = ("modalities", "self_care", "diagnostic_block", "outcome_of_care")
_NSAID_IN_PREGNANCY: Final = (
    "In pregnancy, known, possible or not asked about, decide on it apart: this guidance has no"
    " rule for it."
)
_CARE: Final = ("TX-02", "TX-03", "TX-13", "FU-05", "FU-09")


@dataclass(frozen=True)
class Decided:
    """A plan, and the verdicts that it rests on."""

    document: Plan
    judgement: Judgement

    @classmethod
    def of(
        cls,
        assessment: Assessment,
        facts: Facts,
        knowledge: Knowledge,
        on: dt.date,
        previous: Facts | None = None,
    ) -> Self:
        """Makes the plan; arguments and errors as for `recommend`."""
        case = _case(assessment, facts, knowledge, on, previous)
        judgement = judge(case, in_force(knowledge, on))
        return cls(_document(judgement, case), judgement)


def recommend(
    assessment: Assessment,
    facts: Facts,
    knowledge: Knowledge,
    on: dt.date,
    previous: Facts | None = None,
) -> Plan:
    """Makes the plan for one revision of a case; the same arguments give the same plan for ever.

    Args:
        assessment: The assessment document, as diagnosis finished it.
        facts: The facts of the revision in sections, dates as days ago.
        knowledge: The guidance, all of it.
        on: The date that rules are judged by.
        previous: The facts of the revision before, for what is new; None for the first.

    Returns:
        The plan document, its keys in reading order.

    Raises:
        NothingInForceError: No guidance was in force on that date.
    """
    return Decided.of(assessment, facts, knowledge, on, previous).document


def explain(
    assessment: Assessment,
    facts: Facts,
    knowledge: Knowledge,
    on: dt.date,
    previous: Facts | None = None,
) -> dict[str, Any]:
    """Shows for each rule, as a tree, why its verdict came out; arguments as for `recommend`."""
    guidance = in_force(knowledge, on)
    judgement = judge(_case(assessment, facts, knowledge, on, previous), guidance)
    evaluation = judgement.evaluation
    return {
        rule: guidance.compiled.explain(evaluation.facts, evaluation, rule)
        for rule in guidance.rules
    }


def _case(
    assessment: Assessment,
    facts: Facts,
    knowledge: Knowledge,
    on: dt.date,
    previous: Facts | None,
) -> Case:
    flatten = knowledge.vocabulary.flatten
    return Case(assessment, flatten(facts), on, None if previous is None else flatten(previous))


def _document(judgement: Judgement, case: Case) -> Plan:
    assessment = case.assessment
    line, _ = judgement.step
    plan: Plan = {
        "kind": "plan",
        "case_id": assessment.get("case_id"),
        "revision": assessment.get("revision"),
        "on": case.on.isoformat(),
        "outcome": line.outcome,
        "summary": "",
        "referral": _referral(judgement, assessment),
        "step": _step(judgement),
        "modalities": treatment_items(judgement, assessment),
        "self_care": _self_care(judgement),
        "diagnostic_block": block_item(judgement, assessment),
        "follow_up": follow_up_items(judgement, case.on),
        "outcome_of_care": outcome_item(judgement),
        "if_it_fails": if_it_fails(judgement),
        "safety_net": safety_net(judgement),
        "missing_findings": missing_items(judgement, case),
        "verdicts": judgement.evaluation.verdicts,
        "sign_off": "clinical sign-off: none yet",
        "limits": list(LIMITS),
        "guidance": judgement.guidance.named,
        "ruleset": assessment.get("ruleset"),
    }
    plan["summary"] = _summary(plan)
    asked = named((plan[part] for part in _ASKING), "missing")
    plan["questions"] = questions(judgement, sorted(asked))
    return fitted(plan | {"citations": _citations(plan, judgement.guidance, assessment)})


def fitted(plan: Plan) -> Plan:
    """Shortens the list of missing findings from its end until an event can carry the plan.

    The list is ordered by what each could change; the plan says how many were left out.
    """
    findings: list[Item] = plan["missing_findings"]
    excess = len(orjson.dumps(plan)) - MOST_BYTES
    kept = len(findings)
    while kept and excess > 0:
        kept -= 1
        excess -= len(orjson.dumps(findings[kept])) + 1
    if kept == len(findings):
        return plan
    left = f"{len(findings) - kept} further missing findings are not listed here."
    return plan | {"missing_findings": findings[:kept], "limits": [*plan["limits"], left]}


def _referral(judgement: Judgement, assessment: Assessment) -> Item | None:
    if not judgement.locked:
        return None
    flags = assessment["red_flags"]
    headline = flags.get("headline") or {}
    rule = str(headline.get("rule"))
    locks = list(flags.get("locks") or [rule])
    table = judgement.guidance.knowledge.other["referrals.toml"]
    active = [flag for flag in flags.get("active") or () if flag.get("rule") == rule]
    return {
        **_destination(table, headline, locks),
        "because": headline.get("title"),
        "action": headline.get("action"),
        "rules": locks,
        "also": [{"rule": r, "to": table["to"][r]} for r in _others(table, rule, locks)],
        "sources": [source for flag in active for source in flag.get("sources") or ()],
    }


def _destination(table: Mapping[str, Any], headline: Mapping[str, Any], locks: list[str]) -> Item:
    """Says where the most urgent flag sends the patient, and how fast."""
    rule, urgency = str(headline.get("rule")), str(headline.get("urgency"))
    both = table["hernia_too"]
    if rule == both["first"] and both["with"] in locks:
        return {"to": both["to"], "how_fast": both["how_fast"]}
    fast = table["urgency"].get(urgency, table["urgency"]["urgent"])
    if urgency == "urgent":
        fast = table["urgent"].get(rule, fast)
    to = table["to"] | (table["emergency"] if urgency == "emergency" else {})
    return {"to": to.get(rule, headline.get("action")), "how_fast": fast}


def _others(table: Mapping[str, Any], rule: str, locks: list[str]) -> list[str]:
    """Names the other locking flags that send the patient somewhere of their own."""
    both = table["hernia_too"]
    told = {rule, both["with"]} if rule == both["first"] else {rule}
    return [lock for lock in locks if lock not in told and lock in table["to"]]


def _step(judgement: Judgement) -> Item:
    line, waits = judgement.step
    title = line.waiting if waits and line.waiting else line.title
    return {"code": judgement.step_code, "title": title, "because": _reasons(judgement, line.when)}


def _reasons(judgement: Judgement, when: str) -> list[Item]:
    if when in judgement.guidance.rules:
        return [rule_item(judgement, when)]
    if when == "probable-or-confirmed":
        rule = "TX-05" if judgement.verdict("TX-05") is True else "TX-02"
        return [rule_item(judgement, rule)]
    item = gate_item(judgement, when)
    return [{key: item[key] for key in ("gate", "sentence", "sources")}]


def _self_care(judgement: Judgement) -> list[Item]:
    """Lists care that needs no release; unknown contraindications never withhold it."""
    if judgement.locked:
        return []
    items = [rule_item(judgement, rule) for rule in _CARE if judgement.verdict(rule) is True]
    unsuitable = judgement.fact("nsaid_unsuitable")
    words = {
        True: "An NSAID is recorded as unsuitable: do not use one.",
        False: "An NSAID is recorded as not unsuitable: an option, at the lowest dose that works.",
        None: "Whether an NSAID is suitable is not recorded; ask before using one.",
    }
    sentence = words[unsuitable]
    if unsuitable is not True and judgement.verdict("CI-09") is not False:
        sentence = f"{sentence} {_NSAID_IN_PREGNANCY}"
    nsaid = {"rule": "TX-02", "sentence": sentence, "sources": ["NG59"]}
    return [*items, {**nsaid, "missing": ["nsaid_unsuitable"] if unsuitable is None else []}]


def _summary(plan: Plan) -> str:
    if plan["referral"]:
        referral = plan["referral"]
        return f"{referral['how_fast']}. Where: {referral['to']}. Nothing is applied to the nodule."
    care = plan["outcome_of_care"]
    offers, options = _titles(plan, "offered"), _titles(plan, "optional_unproven")
    said = [f"{plan['step']['title']}."]
    if care and care["rule"]:
        said.append(f"Outcome at the last visit: {care['result'].replace('_', ' ')}.")
    said.append(
        f"Offered: {', '.join(offers)}." if offers else "No nodule treatment is offered now."
    )
    if options:
        said.append(f"Optional, unproven for this condition: {', '.join(options)}.")
    return " ".join(said)


def _titles(plan: Plan, status: str) -> list[str]:
    """Names treatments as inside a sentence; an abbreviation keeps its capitals."""
    titles = [one["title"] for one in plan["modalities"] if one["status"] == status]
    return [title if title[:2].isupper() else title[:1].lower() + title[1:] for title in titles]


def _citations(plan: Plan, guidance: Guidance, assessment: Assessment) -> dict[str, Any]:
    """Gives each source that the plan names, in full."""
    theirs = assessment.get("citations") or {}
    ours = all_citations(guidance.knowledge)
    return {
        key: dict(ours[key]) if key in ours else theirs[key]
        for key in sorted(named(plan[part] for part in _CITED))
        if key in ours or key in theirs
    }


def as_bytes(plan: Plan) -> bytes:
    """Writes a plan down; equal plans give equal bytes."""
    return orjson.dumps(plan)
