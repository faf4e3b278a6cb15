"""Makes and keeps the plans of assessed cases."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import orjson
from sqlalchemy import Connection

from chassis import clock
from chassis.envelope import Event, Message
from chassis.messaging.errors import Poison
from chassis.messaging.sending.outbox import Outbox
from chassis.storage.audit import Audit, AuditRow
from rules import Knowledge, NothingInForceError
from rules.catalogue.serving.judgements import JudgementRow, Judgements
from rules.language.sentences import Sentences
from treatment import events
from treatment.events import AssessedCase
from treatment.models import AUDIT, JUDGEMENTS, OUTBOX
from treatment.repository import CaseKey, Plans, StoredPlan
from treatment.use_cases.planning import brief_of, case_of, decide


@dataclass(frozen=True)
class PlannedCase:
    """A case that was assessed, and the plan that was made of it."""

    assessed: AssessedCase
    stored: StoredPlan
    letters: str


def recommend_plans(
    connection: Connection,
    guidance: Knowledge,
    sentences: Sentences,
    messages: Sequence[Message],
) -> None:
    """Makes a plan for each case that was assessed: results, audit rows and events, all or none.

    Raises:
        Poison: A message cannot be read, or no guidance was in force on its date.
    """
    at = clock.now_us()
    cases = [events.assessed_case(message) for message in messages]
    revisions = {_key(one.message): one.message.revision for one in cases}
    before = Plans(connection).facts_before(revisions)
    planned = [
        recommend_plan(guidance, sentences, one, before.get(_key(one.message)), at) for one in cases
    ]
    Plans(connection).add_all([one.stored for one in planned])
    Judgements(connection, JUDGEMENTS).add_all([_judgement(one) for one in planned])
    Audit(connection, AUDIT).add_all([_audited(one) for one in planned])
    Outbox(connection, OUTBOX).add_all([_plan_made(one) for one in planned])


def _key(message: Message) -> CaseKey:
    return CaseKey(message.tenant_id, message.subject)


def recommend_plan(
    guidance: Knowledge,
    sentences: Sentences,
    assessed: AssessedCase,
    previous: bytes | None,
    at: int,
) -> PlannedCase:
    """Makes the plan of one case.

    Args:
        guidance: All guidance of all dates.
        sentences: The wording.
        assessed: What diagnosis decided and wrote, with all facts.
        previous: The facts of the revision before, as JSON; None if there was none.
        at: Microseconds UTC, for the record.

    Raises:
        Poison: No guidance was in force on its date.
    """
    message, data = assessed.message, assessed.data
    before = orjson.loads(previous) if previous is not None else None
    case = case_of(guidance, data.decision, assessed.facts, data.on, before)
    try:
        decision = decide(guidance, case)
    except NothingInForceError as error:
        raise Poison("no-rules-in-force", str(error)) from None
    brief = brief_of(guidance, sentences, case, data.brief, decision)
    stored = StoredPlan(
        key=_key(message),
        revision=message.revision,
        judged_on=decision.on,
        facts=bytes(data.facts),
        previous_facts=previous,
        assessment=msgspec.json.encode(data.decision),
        assessment_brief=msgspec.json.encode(data.brief),
        decision=msgspec.json.encode(decision),
        brief=msgspec.json.encode(brief),
        outcome=decision.outcome,
        guidance_sha256=guidance.digest,
        wording_sha256=sentences.sha256,
        cause=message.event_id,
        planned_at=at,
    )
    return PlannedCase(assessed, stored, decision.verdicts)


def _judgement(planned: PlannedCase) -> JudgementRow:
    stored = planned.stored
    who = (stored.key.tenant_id, stored.key.case_id, stored.revision)
    return JudgementRow(*who, stored.guidance_sha256, planned.letters, stored.planned_at)


def _plan_made(planned: PlannedCase) -> Event:
    stored = planned.stored
    return events.plan_made(planned.assessed, stored.outcome, stored.decision, stored.brief)


def _audited(planned: PlannedCase) -> AuditRow:
    stored = planned.stored
    who = (stored.key.tenant_id, stored.key.case_id, stored.revision)
    action = events.PLANNED[stored.outcome]
    return AuditRow(*who, action, "treatment", stored.cause, stored.planned_at)


def note_trouble(connection: Connection, message: Message, reason_code: str) -> None:
    """Publishes that a message could not be applied here."""
    event = events.processing_stopped(message, reason_code)
    who = (message.tenant_id, message.subject, message.revision)
    # the message itself stays without an audit row until it is applied
    row = AuditRow(*who, events.STOPPED, "treatment", event.event_id, clock.now_us())
    Audit(connection, AUDIT).add_all([row])
    Outbox(connection, OUTBOX).add(event)
