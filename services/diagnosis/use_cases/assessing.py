"""Assesses cases: what a worker does with submitted ones, and what is only evaluated."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import orjson
from sqlalchemy import Connection

from chassis import clock
from chassis.envelope import Event, Message
from chassis.messaging.errors import Poison
from chassis.messaging.sending.outbox import Outbox
from chassis.storage.audit import Audit, AuditRow
from diagnosis import events, judge, write
from diagnosis.events import RaisedFlag, SubmittedCase
from diagnosis.judge import Decision, Ruleset
from diagnosis.models import AUDIT, JUDGEMENTS, OUTBOX
from diagnosis.repository import Assessments, CaseKey, StoredAssessment
from rules import NothingInForceError
from rules.catalogue.serving.judgements import JudgementRow, Judgements
from rules.language.sentences import Sentences


class NoRulesThen(Exception):
    """No rule was in force on that date."""


@dataclass(frozen=True)
class Assessed:
    """A case, the decision about it, and the row that keeps both."""

    case: SubmittedCase
    decision: Decision
    stored: StoredAssessment


def assess_cases(
    connection: Connection, ruleset: Ruleset, sentences: Sentences, messages: Sequence[Message]
) -> None:
    """Assesses each submitted case: results, audit rows and events, all or none.

    Raises:
        Poison: A message cannot be read, or no rule was in force on its date.
    """
    at = clock.now_us()
    assessed = [
        assess(ruleset, sentences, events.submitted_case(message), at) for message in messages
    ]
    before = Assessments(connection).flags_before(
        {entry.stored.key: entry.stored.revision for entry in assessed}
    )
    Assessments(connection).add_all([entry.stored for entry in assessed])
    Judgements(connection, JUDGEMENTS).add_all([_judgement(entry) for entry in assessed])
    Audit(connection, AUDIT).add_all([_audit_row(entry) for entry in assessed])
    published = [event for entry in assessed for event in outgoing(ruleset, entry, before)]
    Outbox(connection, OUTBOX).add_all(published)


def assess(ruleset: Ruleset, sentences: Sentences, case: SubmittedCase, at: int) -> Assessed:
    """Decides about one submitted case, and writes its brief.

    Raises:
        Poison: No rule was in force on its date.
    """
    message = case.message
    facts = ruleset.knowledge.vocabulary.flatten(case.facts)
    try:
        decision = judge.judge(
            facts, ruleset, case.on, case_id=message.subject, revision=message.revision
        )
    except NothingInForceError as error:
        raise Poison("no-rules-in-force", str(error)) from None
    brief = write.brief(decision, facts, ruleset.in_force(case.on), sentences)
    stored = StoredAssessment(
        CaseKey(message.tenant_id, message.subject),
        message.revision,
        decision.on,
        msgspec.json.encode(decision),
        msgspec.json.encode(brief),
        orjson.dumps(facts),
        [flag.rule for flag in decision.flags],
        ruleset.sha256,
        sentences.sha256,
        message.event_id,
        at,
    )
    return Assessed(case, decision, stored)


def _judgement(assessed: Assessed) -> JudgementRow:
    stored = assessed.stored
    subject = (stored.key.tenant_id, stored.key.case_id, stored.revision)
    verdicts = assessed.decision.verdicts
    return JudgementRow(*subject, stored.ruleset_sha256, verdicts, stored.assessed_at)


def outgoing(
    ruleset: Ruleset, assessed: Assessed, before: Mapping[CaseKey, frozenset[str]]
) -> list[Event]:
    """Returns an event for each red flag that was not active before, then the assessment."""
    stored, case = assessed.stored, assessed.case
    known = before.get(stored.key, frozenset())
    flags = {flag.rule.id: flag for flag in ruleset.in_force(case.on).flags}
    raised = [
        events.red_flag_raised(
            case,
            RaisedFlag(
                rule=active.rule,
                title=flags[active.rule].rule.title,
                urgency=active.urgency,
                action=flags[active.rule].grades[active.grade].action,
                locks=active.effect == "lock",
            ),
        )
        for active in judge.newly_active(assessed.decision, known)
    ]
    return [*raised, events.assessment_completed(case, stored.decision, stored.brief)]


def _audit_row(assessed: Assessed) -> AuditRow:
    stored = assessed.stored
    return AuditRow(
        stored.key.tenant_id,
        stored.key.case_id,
        stored.revision,
        events.ASSESSED,
        "diagnosis",
        stored.cause,
        stored.assessed_at,
    )


def note_trouble(connection: Connection, message: Message, reason_code: str) -> None:
    """Publishes that a message could not be applied here."""
    stopped = events.processing_stopped(message, reason_code)
    subject = (message.tenant_id, message.subject, message.revision)
    row = AuditRow(*subject, events.STOPPED, "diagnosis", stopped.event_id, clock.now_us())
    Audit(connection, AUDIT).add(row)
    Outbox(connection, OUTBOX).add(stopped)


def evaluate(
    ruleset: Ruleset, facts: Mapping[str, Any], on: dt.date, expand: str | None = None
) -> dict[str, Any]:
    """Assesses facts without storing anything.

    Args:
        ruleset: All rules of all dates.
        facts: By section, as a case holds them.
        on: The date to judge by.
        expand: `document` to have it too, `explanation` to have the document and the reasoning.

    Raises:
        NoRulesThen: No rule was in force on that date.
    """
    flat = ruleset.knowledge.vocabulary.flatten(facts)
    sentences = write.load_sentences()
    try:
        decision = judge.judge(flat, ruleset, on)
    except NothingInForceError as error:
        raise NoRulesThen(str(error)) from None
    rules = ruleset.in_force(on)
    brief = write.brief(decision, flat, rules, sentences)
    answer: dict[str, Any] = {
        "decision": orjson.Fragment(msgspec.json.encode(decision)),
        "brief": orjson.Fragment(msgspec.json.encode(brief)),
    }
    if expand is not None:
        answer["document"] = write.document(decision, flat, rules, sentences)
    if expand == "explanation":
        answer["explanation"] = write.explain(flat, rules)
    return answer
