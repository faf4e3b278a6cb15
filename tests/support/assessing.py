"""The full assessment of a case, made as the service makes it on request."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any

from diagnosis import write
from diagnosis.judge import Decision, Evaluated, Ruleset, RulesInForce, judge
from diagnosis.judge.what_if import missing_findings
from diagnosis.write.case import Case
from diagnosis.write.missing import describe_missing
from rules.language.sentences import Sentences

SENTENCES: Sentences = write.load_sentences()


@dataclasses.dataclass(frozen=True)
class Assessment:
    """A decision, and its full document."""

    decision: Decision
    document: dict[str, Any]
    rules: RulesInForce


def assess(
    facts: Mapping[str, Any],
    ruleset: Ruleset,
    on: dt.date,
    *,
    case_id: str | None = None,
    revision: int | None = None,
) -> Assessment:
    """Decides and writes."""
    decision = judge(facts, ruleset, on, case_id=case_id, revision=revision)
    rules = ruleset.in_force(on)
    return Assessment(decision, write.document(decision, facts, rules, SENTENCES), rules)


def as_text(document: Mapping[str, Any]) -> str:
    """Writes a document as a page of text."""
    return write.text(document, SENTENCES)


def missing_in_words(
    facts: Mapping[str, Any], rules: RulesInForce, judged: Evaluated
) -> list[dict[str, Any]]:
    """Lists the missing findings of a judged case as its document does."""
    findings = missing_findings(rules, judged.evaluation, facts)
    return describe_missing(Case(rules, facts, judged, SENTENCES), findings)
