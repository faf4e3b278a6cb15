"""Writes reasons: rules, gates, contraindications, and what still has to be asked."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from rules import RuleInForce
from rules.catalogue.questions import question
from rules.language.sentences import Sentences
from treatment.judge.asking import conditions, missing
from treatment.judge.assessment import AssessmentCompleted
from treatment.judge.decision import Reason
from treatment.judge.guidance import HOLD, Modality
from treatment.judge.judging import ABSENT, ASK, CAUTION, CLEAR, NOT_STATED, Judgement
from treatment.judge.reasons import CONSENT, against, consent_reasons
from treatment.write.brief import Brief

Item = dict[str, Any]


@dataclass(frozen=True)
class Writing:
    """What a document is written from.

    Attributes:
        judgement: The verdicts, and what follows from them.
        assessment: The decision of diagnosis.
        assessed: The brief of diagnosis.
        sentences: The wording.
    """

    judgement: Judgement
    assessment: AssessmentCompleted
    assessed: Brief
    sentences: Sentences

    def text(self, key: str, /, **values: Any) -> str:
        """Returns a sentence of the document."""
        return self.sentences.text(f"document.{key}", **values)


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


def gate_item(writing: Writing, gate: str) -> Item:
    """Shows a gate that is closed or unanswered as a reason."""
    judgement = writing.judgement
    unknown = judgement.verdict(gate) is None
    definition = judgement.guidance.knowledge.definitions.get(gate)
    rule = judgement.guidance.rules.get(gate)
    if definition:
        item: Item = {"gate": gate, "sentence": definition.because}
    else:
        item = {"rule": gate, "sentence": _rule_as_gate(writing, gate, unknown=unknown)}
    item["state"] = "unknown_ask" if unknown else "not_met"
    shown = definition or rule
    return item | {
        "missing": missing(judgement, [gate]) if unknown else [],
        "sources": list(shown.sources) if shown else [],
    }


def _rule_as_gate(writing: Writing, gate: str, *, unknown: bool) -> str:
    rule = writing.judgement.guidance.rules.get(gate)
    if rule is None:
        return writing.text("gate.unassessed", title=gate)
    return writing.text("gate.undecided" if unknown else "gate.closed", title=rule.title)


def stopped(writing: Writing) -> list[Item]:
    """Gives the one reason that counts while a red flag locks or holds."""
    assessment, guidance = writing.assessment, writing.judgement.guidance
    if writing.judgement.locked:
        flag = assessment.headline.rule if assessment.headline else "red flag"
        reason = writing.assessed.action.do.text
        sentence = writing.text("stopped.lock", flag=flag, reason=reason)
        return [{"rule": guidance.roles.lock, "flag": flag, "sentence": sentence}]
    because = guidance.knowledge.definitions[HOLD].because
    return [{"gate": HOLD, "flags": list(assessment.holds), "sentence": because}]


def reason_items(writing: Writing, modality: Modality) -> list[Item]:
    """Writes what stands against a treatment; unanswered contraindications are one reason."""
    items: list[Item] = []
    for unanswered, reasons in groupby(against(writing.judgement, modality), _unanswered_rule):
        found = list(reasons)
        rules = [reason.name for reason in found]
        asked = ", ".join(rules)
        items += (
            [
                {
                    "rules": rules,
                    "state": "unknown_ask",
                    "sentence": writing.text("contraindication.several", rules=asked),
                }
            ]
            if unanswered
            else [_reason_item(writing, reason, modality) for reason in found]
        )
    return items


def _unanswered_rule(reason: Reason) -> bool:
    return bool(reason.rule) and reason.state == "unanswered"


def _reason_item(writing: Writing, reason: Reason, modality: Modality) -> Item:
    if reason.state == "found":
        found = writing.judgement.guidance.rules[reason.name]
        return {
            "rule": reason.name,
            "sentence": found.then["says"],
            "sources": list(found.sources),
        }
    if reason.state == "not_assessed":
        return {"rule": reason.name, "sentence": writing.text("not_assessed", rule=reason.name)}
    if reason.state == "recorded":
        return contraindication_item(writing, reason.name, modality.code)
    if reason.gate == CONSENT:
        return _consent_item(writing, reason, modality.code)
    return gate_item(writing, reason.name)


def consent_items(writing: Writing, code: str) -> list[Item]:
    """Says whether consent is refused or has not been asked for; nothing if it is given."""
    return [
        _consent_item(writing, reason, code) for reason in consent_reasons(writing.judgement, code)
    ]


def _consent_item(writing: Writing, reason: Reason, code: str) -> Item:
    if reason.state == "not_met":
        sentence = writing.text("consent.refused")
        return {"gate": CONSENT, "state": "not_met", "sentence": sentence}
    return {
        "gate": CONSENT,
        "sentence": writing.text("consent.unknown"),
        "missing": [f"consent.{code}"],
        "state": "unknown_ask",
    }


def contraindication_item(writing: Writing, rule: str, treatment: str) -> Item:
    """Shows how one contraindication stands against a treatment."""
    judgement = writing.judgement
    state = judgement.contraindication(rule, treatment)
    if state == ABSENT:
        sentence = writing.text("not_assessed", rule=rule)
        return {"rule": rule, "state": ASK, "sentence": sentence, "missing": []}
    found = judgement.guidance.rules[rule]
    if state == CLEAR:
        return {"rule": rule, **_clear(judgement, found)}
    if state == ASK:
        asked = missing(judgement, [rule, *conditions(judgement, rule, treatment)])
        sentence = _unanswered(writing, found, asked)
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


def _unanswered(writing: Writing, found: RuleInForce, asked: Iterable[str]) -> str:
    """Says what is missing; where the finding itself is recorded, by name."""
    if writing.judgement.verdict(found.id) is not True:
        return writing.text("contraindication.unanswered", title=found.title)
    names = ", ".join(label(writing.judgement, name) for name in asked)
    return writing.text("contraindication.recorded", title=found.title, names=names)


def label(judgement: Judgement, name: str) -> str:
    """Returns what people call a fact."""
    vocabulary = judgement.guidance.compiled.vocabulary
    known = vocabulary.lists.get(name)
    return known.label if known else vocabulary.fact(name).label


def questions(judgement: Judgement, names: Iterable[str]) -> dict[str, str]:
    """Asks for each fact as a clinician would."""
    vocabulary = judgement.guidance.compiled.vocabulary
    return {name: question(vocabulary, name) for name in names}
