"""Assessment and plan of a case, made as the two services make them one after the other."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any

import msgspec

from diagnosis.judge import Decision as AssessmentDecision
from diagnosis.judge import Ruleset
from diagnosis.judge import judge as judge_assessment
from diagnosis.write import brief as write_assessment_brief
from diagnosis.write import load_sentences as load_assessment_sentences
from rules import Knowledge
from treatment.judge import AssessmentCompleted, Case, Decision, in_force, judge
from treatment.write import Brief, Plan, load_sentences, write_brief, write_document

ASSESSMENT_SENTENCES = load_assessment_sentences()
SENTENCES = load_sentences()
Facts = Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Planned:
    """Both decisions on a case, and its brief; the full plan is written when it is read."""

    assessment: AssessmentDecision
    decision: Decision
    brief: Brief
    case: Case
    assessment_brief: Brief
    guidance: Knowledge

    @property
    def document(self) -> Plan:
        """The full plan."""
        used = in_force(self.guidance, self.case.on)
        return write_document(self.case, self.assessment_brief, used, SENTENCES)


def sent(decision: AssessmentDecision) -> AssessmentCompleted:
    """Read a decision as treatment reads it of the event."""
    return msgspec.json.decode(msgspec.json.encode(decision), type=AssessmentCompleted)


def plan(
    facts: Facts, ruleset: Ruleset, guidance: Knowledge, on: dt.date, previous: Facts | None = None
) -> Planned:
    """Assess and plan a case.

    Args:
        facts: By section, as an event carries them, the record of care among them.
        ruleset: All rules of all dates.
        guidance: All guidance of all dates.
        on: The date to judge by.
        previous: The facts of the revision before.
    """
    flat = ruleset.knowledge.vocabulary.flatten(facts)
    assessment = judge_assessment(flat, ruleset, on)
    rules = ruleset.in_force(on)
    written = write_assessment_brief(assessment, flat, rules, ASSESSMENT_SENTENCES)
    brief = msgspec.json.decode(msgspec.json.encode(written), type=Brief)
    flatten = guidance.vocabulary.flatten
    case = Case(
        sent(assessment), flatten(facts), on, None if previous is None else flatten(previous)
    )
    used = in_force(guidance, on)
    decision = judge(case, used)
    screen = write_brief(decision, case, brief, used, SENTENCES)
    return Planned(assessment, decision, screen, case, brief, guidance)
