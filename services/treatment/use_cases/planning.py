"""Makes cases, decisions, briefs and documents with the guidance of their date."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from rules import Knowledge
from rules.language.sentences import Sentences
from treatment import judge, write
from treatment.judge import AssessmentCompleted, Case, Decision
from treatment.write import Brief, Plan


def case_of(
    guidance: Knowledge,
    assessment: AssessmentCompleted,
    facts: Mapping[str, Any],
    on: dt.date,
    previous: Mapping[str, Any] | None = None,
) -> Case:
    """Returns what is judged, its facts flattened."""
    flatten = guidance.vocabulary.flatten
    return Case(assessment, flatten(facts), on, None if previous is None else flatten(previous))


def decide(guidance: Knowledge, case: Case) -> Decision:
    """Decides on a case.

    Raises:
        NothingInForceError: No guidance was in force on its date.
    """
    return judge.judge(case, judge.in_force(guidance, case.on))


def brief_of(
    guidance: Knowledge, sentences: Sentences, case: Case, assessed: Brief, decision: Decision
) -> Brief:
    """Writes the screen of a decision."""
    in_force = judge.in_force(guidance, case.on)
    return write.write_brief(decision, case, assessed, in_force, sentences)


def document_of(
    guidance: Knowledge,
    sentences: Sentences,
    case: Case,
    assessed: Brief,
) -> Plan:
    """Writes the full document of a case."""
    in_force = judge.in_force(guidance, case.on)
    return write.write_document(case, assessed, in_force, sentences)


def explanation_of(guidance: Knowledge, case: Case) -> dict[str, Any]:
    """Shows for each rule why it came out as it did."""
    return write.write_explanation(judge.evaluate(case, judge.in_force(guidance, case.on)))
