"""The product's own decisions behind one seam, so that a peer stores and sends the same bytes.

Only this module knows how the services call their judging and writing. Nothing here touches a
database or a broker.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import orjson

import diagnosis.events
import diagnosis.use_cases.assessing
import diagnosis.write
import intake.events
import treatment.events
import treatment.use_cases.recommending
import treatment.write
from chassis import clock
from chassis.envelope import Event, Message
from diagnosis.judge import Ruleset, load_ruleset
from intake.case import Moment, open_case
from intake.schemas import FINDINGS
from rules import Knowledge
from treatment.judge import load_guidance

TENANT = "bench"


@dataclass(frozen=True)
class Decided:
    """What one step keeps and sends.

    Attributes:
        case_id: of which case.
        document: the decision.
        kept: whatever else is stored beside it, the brief first.
        events: what is sent on, ready for `Message`.
    """

    case_id: str
    document: bytes
    kept: bytes
    events: tuple[Event, ...]


def load(role: str) -> None:
    """Load what a role decides by, so that the first case does not wait."""
    if role == "diagnosis":
        _ruleset().in_force(clock.today())
    if role == "treatment":
        _guidance()


def submit(body: bytes) -> Decided:
    """Accept a submission, as intake does."""
    at = clock.now()
    moment = Moment(at.date(), int(at.timestamp() * 1_000_000))
    case = open_case(FINDINGS, TENANT, clock.new_id(), orjson.loads(body), moment)
    event = intake.events.case_accepted(
        case, FINDINGS, intake.events.Origin("bench", clock.new_id())
    )
    return Decided(case.case_id, orjson.dumps(case.body), b"", (event,))


def assess(event: Event) -> Decided:
    """Assess a case, as diagnosis does."""
    case = diagnosis.events.submitted_case(_message(event))
    sentences = diagnosis.write.load_sentences()
    made = diagnosis.use_cases.assessing.assess(_ruleset(), sentences, case, clock.now_us())
    events = diagnosis.use_cases.assessing.outgoing(_ruleset(), made, {})
    stored = made.stored
    return Decided(event.subject, stored.decision, stored.brief + stored.facts, tuple(events))


def plan(event: Event) -> Decided | None:
    """Make a plan, as treatment does; None for what it does not listen to."""
    if event.type != treatment.events.ASSESSED:
        return None
    case = treatment.events.assessed_case(_message(event))
    sentences = treatment.write.load_sentences()
    recommending = treatment.use_cases.recommending
    made = recommending.recommend_plan(_guidance(), sentences, case, None, clock.now_us())
    stored = made.stored
    kept = stored.brief + stored.facts + stored.assessment + stored.assessment_brief
    events = (recommending._plan_made(made),)  # noqa: SLF001 - the product's own event
    return Decided(event.subject, stored.decision, kept, events)


def note(event: Event) -> Decided | None:
    """Take a decision of another service, as intake does; None for what it does not listen to."""
    if event.type == intake.events.ASSESSED or event.type in intake.events.PLANNED:
        result = intake.events.result_of(_message(event))
        return Decided(event.subject, result.decision or b"", result.brief or b"", ())
    return None


def pack(event: Event) -> tuple[bytes, Mapping[str, str]]:
    """Return body and headers of an event for any client of Kafka."""
    named = {
        "ce_id": event.event_id,
        "ce_type": event.type,
        "ce_source": event.source,
        "ce_time": event.occurred_at,
        "ce_subject": event.subject,
        "ce_dataschema": event.dataschema,
        "ce_tenantid": event.tenant_id,
        "ce_revision": str(event.revision),
        "ce_correlationid": event.correlation_id,
    }
    return event.data, named


def unpack(body: bytes, named: Mapping[str, str]) -> Event:
    """Return the event that `pack` wrote."""
    return Event(
        topic="",
        type=named["ce_type"],
        tenant_id=named["ce_tenantid"],
        subject=named["ce_subject"],
        revision=int(named["ce_revision"]),
        data=body,
        source=named["ce_source"],
        dataschema=named["ce_dataschema"],
        event_id=named["ce_id"],
        correlation_id=named["ce_correlationid"],
        occurred_at=named["ce_time"],
    )


def _message(event: Event) -> Message:
    return Message(
        topic=event.topic,
        partition=0,
        offset=0,
        key=f"{event.tenant_id}:{event.subject}",
        event_id=event.event_id,
        type=event.type,
        tenant_id=event.tenant_id,
        subject=event.subject,
        revision=event.revision,
        sequence=1,
        causation_id=None,
        correlation_id=event.correlation_id,
        traceparent=None,
        time=event.occurred_at,
        source=event.source,
        dataschema=event.dataschema,
        data=event.data,
    )


@cache
def _ruleset() -> Ruleset:
    return load_ruleset()


@cache
def _guidance() -> Knowledge:
    return load_guidance()
