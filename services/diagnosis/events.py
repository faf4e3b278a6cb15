"""Events that this service publishes, and its own copy of those that it reads from intake."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import msgspec
import orjson

from chassis import clock
from chassis.envelope import Event, Message
from chassis.messaging.errors import Poison

SOURCE: Final = "/diagnosis"
VERSION: Final = "/1"
PUBLISHED: Final = "diagnosis.case.v1"
CASES: Final = "intake.case.v1"

SUBMITTED: Final = "case.submitted"
REVISED: Final = "case.revised"
RAISED: Final = "red-flag.raised"
ASSESSED: Final = "assessment.completed"
STOPPED: Final = "processing.stopped"


@dataclass(frozen=True)
class SubmittedCase:
    """What an event of intake tells about a case, as far as this service reads it.

    Attributes:
        message: The message itself.
        on: The date that rules and ages are judged by.
        facts: Everything that was recorded, by section.
        facts_json: The same as it was sent; passed on whole.
    """

    message: Message
    on: dt.date
    facts: Mapping[str, Any]
    facts_json: bytes


class SubmittedData(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `case.submitted` and `case.revised`, as far as this service reads it.

    Attributes:
        case_id: The case.
        revision: Its revision.
        on: The date that rules and ages are judged by.
        facts: Everything that was recorded, by section.
    """

    case_id: str
    revision: int
    on: dt.date
    facts: msgspec.Raw


@dataclass(frozen=True)
class RaisedFlag:
    """A red flag that has become active.

    Attributes:
        rule: Id of its rule.
        title: What it is called.
        urgency: How soon to act.
        action: What to do.
        locks: Whether it locks treatment.
    """

    rule: str
    title: str
    urgency: str
    action: str
    locks: bool


_DECODER: Final = msgspec.json.Decoder(SubmittedData)


def submitted_case(message: Message) -> SubmittedCase:
    """Returns what a message of intake tells; unknown fields are ignored.

    Raises:
        Poison: The message lacks what we need to know.
    """
    if not message.dataschema.endswith(VERSION):
        raise Poison("unknown-version", f"{message.type} has a version that is not known here")
    try:
        data = _DECODER.decode(message.data)
        facts = orjson.loads(facts_json := bytes(data.facts))
    except (msgspec.DecodeError, orjson.JSONDecodeError) as error:
        raise Poison("unreadable-event", f"{message.type}: {error}") from None
    if (data.case_id, data.revision) != (message.subject, message.revision):
        raise Poison("unreadable-event", f"{message.type} contradicts its headers")
    if not isinstance(facts, dict):
        raise Poison("unreadable-event", f"{message.type} carries no facts")
    return SubmittedCase(message, data.on, facts, facts_json)


def red_flag_raised(case: SubmittedCase, flag: RaisedFlag) -> Event:
    """Returns the event that a red flag has become active."""
    data = _about(case.message) | {"on": case.on.isoformat()} | asdict(flag)
    return _event(case.message, RAISED, flag.rule, data)


def assessment_completed(case: SubmittedCase, decision: bytes, brief: bytes) -> Event:
    """Returns the event that carries decision and brief, and all facts once more.

    Args:
        case: What was read from intake.
        decision: As JSON; it is embedded as it is.
        brief: As JSON, likewise.
    """
    data = {
        "on": case.on.isoformat(),
        "facts": orjson.Fragment(case.facts_json),
        "decision": orjson.Fragment(decision),
        "brief": orjson.Fragment(brief),
    }
    return _event(case.message, ASSESSED, "0", _about(case.message) | data)


def processing_stopped(message: Message, reason_code: str) -> Event:
    """Returns the event that a message could not be applied here."""
    return _event(message, STOPPED, "0", _about(message) | {"reason_code": reason_code})


def _about(message: Message) -> dict[str, Any]:
    return {"case_id": message.subject, "revision": message.revision}


def _event(cause: Message, kind: str, ordinal: str, data: Mapping[str, Any]) -> Event:
    return Event(
        topic=PUBLISHED,
        type=kind,
        tenant_id=cause.tenant_id,
        subject=cause.subject,
        revision=cause.revision,
        data=orjson.dumps(dict(sorted(data.items()))),  # what is embedded keeps its own order
        source=SOURCE,
        dataschema=f"/schemas/{kind}{VERSION}",
        event_id=clock.derived_id(cause.event_id, kind, ordinal),
        correlation_id=cause.correlation_id,
        occurred_at=clock.now().isoformat(timespec="milliseconds"),
        causation_id=cause.event_id,
        traceparent=cause.traceparent,
    )
