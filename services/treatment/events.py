"""What this service says about cases, and its own copy of what it hears from diagnosis."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from chassis import clock
from chassis.envelope import Event, Message
from chassis.messaging.errors import Poison
from treatment.domain import UnreadableAssessment, basis

SOURCE: Final = "/treatment"
VERSION: Final = "/1"
SPOKEN: Final = "treatment.case.v1"
ASSESSMENTS: Final = "diagnosis.case.v1"

ASSESSED: Final = "assessment.completed"
RECOMMENDED: Final = "plan.recommended"
WITHHELD: Final = "plan.withheld"
STOPPED: Final = "processing.stopped"
PLANNED: Final = {"recommended": RECOMMENDED, "withheld": WITHHELD}


@dataclass(frozen=True)
class AssessmentHeard:
    """What a message says about a case, as far as this service reads it.

    Attributes:
        message: The message itself.
        on: The date that rules and ages are judged by.
        facts: Everything that was recorded, by section.
        assessment: What a plan rests on of the assessment document.
    """

    message: Message
    on: dt.date
    facts: Mapping[str, Any]
    assessment: Mapping[str, Any]


def heard(message: Message) -> AssessmentHeard:
    """Returns what a message of diagnosis says; unknown fields are ignored.

    Raises:
        Poison: The message does not say what we need to know.
    """
    body = _body(message)
    try:
        on = dt.date.fromisoformat(body["on"])
    except (KeyError, TypeError, ValueError):
        raise Poison("unreadable-event", f"{message.type} carries no date") from None
    if not isinstance(body.get("facts"), dict):
        raise Poison("unreadable-event", f"{message.type} carries no facts")
    try:
        return AssessmentHeard(message, on, body["facts"], basis(body.get("assessment")))
    except UnreadableAssessment as error:
        raise Poison("unreadable-event", f"{message.type}: {error}") from None


def _body(message: Message) -> Mapping[str, Any]:
    if not message.dataschema.endswith(VERSION):
        raise Poison("unknown-version", f"{message.type} has a version that is not known here")
    try:
        body = message.json()
    except orjson.JSONDecodeError:
        raise Poison("unreadable-event", f"{message.type} is not JSON") from None
    said = (body.get("case_id"), body.get("revision")) if isinstance(body, dict) else None
    if said != (message.subject, message.revision):
        raise Poison("unreadable-event", f"{message.type} contradicts its headers")
    return body  # type: ignore[no-any-return]  # a JSON object, as was just seen


def plan_made(heard: AssessmentHeard, outcome: str, document: bytes) -> Event:
    """Returns the event that carries the finished document."""
    data = {"on": heard.on.isoformat(), "plan": orjson.Fragment(document)}
    return _event(heard.message, PLANNED[outcome], _about(heard.message) | data)


def processing_stopped(message: Message, reason_code: str) -> Event:
    """Returns the event that a message could not be applied here."""
    return _event(message, STOPPED, _about(message) | {"reason_code": reason_code})


def _about(message: Message) -> dict[str, Any]:
    return {"case_id": message.subject, "revision": message.revision}


def _event(cause: Message, kind: str, data: Mapping[str, Any]) -> Event:
    return Event(
        topic=SPOKEN,
        type=kind,
        tenant_id=cause.tenant_id,
        subject=cause.subject,
        revision=cause.revision,
        data=orjson.dumps(dict(sorted(data.items()))),  # the document keeps its own order
        source=SOURCE,
        dataschema=f"/schemas/{kind}{VERSION}",
        event_id=clock.derived_id(cause.event_id, kind, "0"),
        correlation_id=cause.correlation_id,
        occurred_at=clock.now().isoformat(timespec="milliseconds"),
        causation_id=cause.event_id,
        traceparent=cause.traceparent,
    )
