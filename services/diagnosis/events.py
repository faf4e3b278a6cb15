"""What this service says about cases, and its own copy of what it hears from intake."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from chassis import clock
from chassis.envelope import Event, Message
from chassis.messaging.errors import Poison

SOURCE: Final = "/diagnosis"
VERSION: Final = "/1"
SPOKEN: Final = "diagnosis.case.v1"
CASES: Final = "intake.case.v1"

SUBMITTED: Final = "case.submitted"
REVISED: Final = "case.revised"
RAISED: Final = "red-flag.raised"
ASSESSED: Final = "assessment.completed"
STOPPED: Final = "processing.stopped"


@dataclass(frozen=True)
class CaseHeard:
    """What a message says about a case, as far as this service reads it.

    Attributes:
        message: The message itself.
        on: The date that rules and ages are judged by.
        facts: Everything that was recorded, by section; passed on whole.
    """

    message: Message
    on: dt.date
    facts: Mapping[str, Any]


def heard(message: Message) -> CaseHeard:
    """Returns what a message of intake says; unknown fields are ignored.

    Raises:
        Poison: The message does not say what we need to know.
    """
    if not message.dataschema.endswith(VERSION):
        raise Poison("unknown-version", f"{message.type} has a version that is not known here")
    try:
        body = message.json()
    except orjson.JSONDecodeError:
        raise Poison("unreadable-event", f"{message.type} is not JSON") from None
    said = (body.get("case_id"), body.get("revision")) if isinstance(body, dict) else None
    if said != (message.subject, message.revision):
        raise Poison("unreadable-event", f"{message.type} contradicts its headers")
    try:
        on = dt.date.fromisoformat(body["on"])
    except (KeyError, TypeError, ValueError):
        raise Poison("unreadable-event", f"{message.type} carries no date") from None
    if not isinstance(body.get("facts"), dict):
        raise Poison("unreadable-event", f"{message.type} carries no facts")
    return CaseHeard(message, on, body["facts"])


def red_flag_raised(case: CaseHeard, flag: Mapping[str, Any]) -> Event:
    """Returns the event that a red flag has become active."""
    told = {name: flag[name] for name in ("rule", "title", "urgency", "action", "locks")}
    data = _about(case.message) | {"on": case.on.isoformat()} | told
    return _event(case.message, RAISED, flag["rule"], data)


def assessment_completed(case: CaseHeard, document: bytes) -> Event:
    """Returns the event that carries the finished document, and all facts once more."""
    data = {
        "on": case.on.isoformat(),
        "facts": case.facts,
        "assessment": orjson.Fragment(document),
    }
    return _event(case.message, ASSESSED, "0", _about(case.message) | data)


def processing_stopped(message: Message, reason_code: str) -> Event:
    """Returns the event that a message could not be applied here."""
    return _event(message, STOPPED, "0", _about(message) | {"reason_code": reason_code})


def _about(message: Message) -> dict[str, Any]:
    return {"case_id": message.subject, "revision": message.revision}


def _event(cause: Message, kind: str, ordinal: str, data: Mapping[str, Any]) -> Event:
    return Event(
        topic=SPOKEN,
        type=kind,
        tenant_id=cause.tenant_id,
        subject=cause.subject,
        revision=cause.revision,
        data=orjson.dumps(dict(sorted(data.items()))),  # the document keeps its own order
        source=SOURCE,
        dataschema=f"/schemas/{kind}{VERSION}",
        event_id=clock.derived_id(cause.event_id, kind, ordinal),
        correlation_id=cause.correlation_id,
        occurred_at=clock.now().isoformat(timespec="milliseconds"),
        causation_id=cause.event_id,
        traceparent=cause.traceparent,
    )
