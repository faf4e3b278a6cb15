"""What this service publishes about cases, and its own copy of what it reads from diagnosis."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import orjson

from chassis import clock
from chassis.envelope import Event, Message
from chassis.messaging.errors import Poison
from treatment.judge import AssessmentCompleted
from treatment.write import Brief

SOURCE: Final = "/treatment"
VERSION: Final = "/1"
PUBLISHED: Final = "treatment.case.v1"
ASSESSMENTS: Final = "diagnosis.case.v1"

ASSESSED: Final = "assessment.completed"
RECOMMENDED: Final = "plan.recommended"
WITHHELD: Final = "plan.withheld"
STOPPED: Final = "processing.stopped"
PLANNED: Final = {"recommended": RECOMMENDED, "withheld": WITHHELD}


class AssessmentData(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `assessment.completed`, as far as this service reads it.

    Attributes:
        case_id: The case.
        revision: Its revision.
        on: The date that rules and ages are judged by.
        facts: Everything that was recorded, by section.
        decision: What diagnosis decided.
        brief: The screen of diagnosis.
    """

    case_id: str
    revision: int
    on: dt.date
    facts: msgspec.Raw
    decision: AssessmentCompleted
    brief: Brief


@dataclass(frozen=True)
class AssessedCase:
    """A case that was assessed.

    Attributes:
        message: The message that said so.
        data: Its body.
        facts: Everything that was recorded, by section.
    """

    message: Message
    data: AssessmentData
    facts: Mapping[str, Any]


_DECODER: Final = msgspec.json.Decoder(AssessmentData)


def assessed_case(message: Message) -> AssessedCase:
    """Returns what a message of diagnosis says; unknown members are ignored.

    Raises:
        Poison: The message does not say what a plan rests on.
    """
    if not message.dataschema.endswith(VERSION):
        raise Poison("unknown-version", f"{message.type} has a version that is not known here")
    try:
        data = _DECODER.decode(message.data)
        facts = orjson.loads(bytes(data.facts))
    except (msgspec.DecodeError, orjson.JSONDecodeError) as error:
        raise Poison("unreadable-event", f"{message.type}: {error}") from None
    if (data.case_id, data.revision) != (message.subject, message.revision):
        raise Poison("unreadable-event", f"{message.type} contradicts its headers")
    if not isinstance(facts, dict):
        raise Poison("unreadable-event", f"{message.type} carries no facts")
    return AssessedCase(message, data, facts)


def plan_made(assessed: AssessedCase, outcome: str, decision: bytes, brief: bytes) -> Event:
    """Returns the event that carries decision and brief, both already encoded."""
    data = _about(assessed.message) | {
        "on": assessed.data.on.isoformat(),
        "decision": orjson.Fragment(decision),
        "brief": orjson.Fragment(brief),
    }
    return _event(assessed.message, PLANNED[outcome], data)


def processing_stopped(message: Message, reason_code: str) -> Event:
    """Returns the event that a message could not be applied here."""
    return _event(message, STOPPED, _about(message) | {"reason_code": reason_code})


def _about(message: Message) -> dict[str, Any]:
    return {"case_id": message.subject, "revision": message.revision}


def _event(cause: Message, kind: str, data: Mapping[str, Any]) -> Event:
    return Event(
        topic=PUBLISHED,
        type=kind,
        tenant_id=cause.tenant_id,
        subject=cause.subject,
        revision=cause.revision,
        data=orjson.dumps(dict(sorted(data.items()))),  # decision and brief keep their own order
        source=SOURCE,
        dataschema=f"/schemas/{kind}{VERSION}",
        event_id=clock.derived_id(cause.event_id, kind, "0"),
        correlation_id=cause.correlation_id,
        occurred_at=clock.now().isoformat(timespec="milliseconds"),
        causation_id=cause.event_id,
        traceparent=cause.traceparent,
    )
