"""The events of this service, and its own copies of the events that it consumes."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
import orjson

from chassis import clock
from chassis.envelope import Event, Message
from chassis.messaging.errors import Poison
from intake.brief import Brief
from intake.case import Case, Findings, Kind, Result

SOURCE: Final = "/intake"
VERSION: Final = "/1"
TOPIC: Final = "intake.case.v1"
ASSESSMENTS: Final = "diagnosis.case.v1"
PLANS: Final = "treatment.case.v1"

SUBMITTED: Final = "case.submitted"
REVISED: Final = "case.revised"
ACCEPTED: Final = (SUBMITTED, REVISED)
STOPPED: Final = "processing.stopped"
ASSESSED: Final = "assessment.completed"
PLANNED: Final = {"plan.recommended": "recommended", "plan.withheld": "withheld"}


@dataclass(frozen=True)
class Origin:
    """The request that set something in motion."""

    actor: str
    request_id: str
    traceparent: str | None = None


class ResultData(msgspec.Struct, frozen=True):
    """What intake reads of `assessment.completed`, `plan.recommended` and `plan.withheld`."""

    case_id: str
    revision: int
    decision: msgspec.Raw
    brief: msgspec.Raw


class StopData(msgspec.Struct, frozen=True):
    """What intake reads of `processing.stopped`."""

    case_id: str
    revision: int
    reason_code: str


def case_accepted(case: Case, findings: Findings, origin: Origin) -> Event:
    """Returns the event that carries everything of a revision that may leave this service."""
    data = {
        "case_id": case.case_id,
        "revision": case.revision,
        "on": case.accepted.on.isoformat(),
        "contact": case.contact,
        "facts": findings.outgoing(case.body, case.accepted.on, case.answered_earlier),
    }
    kind = SUBMITTED if case.revision == 1 else REVISED
    return Event(
        topic=TOPIC,
        type=kind,
        tenant_id=case.tenant_id,
        subject=case.case_id,
        revision=case.revision,
        data=orjson.dumps(data, option=orjson.OPT_SORT_KEYS),
        source=SOURCE,
        dataschema=_schema(kind),
        event_id=clock.new_id(),
        correlation_id=origin.request_id,
        occurred_at=_text(case.accepted.at),
        traceparent=origin.traceparent,
    )


def processing_stopped(message: Message, reason_code: str) -> Event:
    """Returns the event that says that a message could not be applied here."""
    data = {
        "case_id": message.subject,
        "revision": message.revision,
        "reason_code": reason_code,
    }
    return Event(
        topic=TOPIC,
        type=STOPPED,
        tenant_id=message.tenant_id,
        subject=message.subject,
        revision=message.revision,
        data=orjson.dumps(data, option=orjson.OPT_SORT_KEYS),
        source=SOURCE,
        dataschema=_schema(STOPPED),
        event_id=clock.derived_id(message.event_id, STOPPED, "0"),
        correlation_id=message.correlation_id,
        occurred_at=_text(clock.now_us()),
        causation_id=message.event_id,
        traceparent=message.traceparent,
    )


def result_of(message: Message) -> Result:
    """Returns the result that a message of another service reports; ignores unknown fields.

    Raises:
        Poison: The message lacks what this service reads of it.
    """
    if message.type == STOPPED:
        stop = _decoded(message, StopData)
        return _stop(message, message.source.strip("/"), stop.reason_code)
    kind: Kind = "assessment" if message.type == ASSESSED else "plan"
    data = _decoded(message, ResultData)
    decision, brief = bytes(data.decision), bytes(data.brief)
    return Result(
        message.tenant_id,
        message.subject,
        message.revision,
        kind,
        message.event_id,
        decision=_object(message, decision),
        brief=brief,
        outcome=PLANNED.get(message.type),
        headline=_headline(_brief(message, kind, brief)),
    )


def own_stop(message: Message, reason_code: str) -> Result:
    """Returns the result that says that intake itself could not apply a message."""
    return _stop(message, "intake", reason_code)


def _stop(message: Message, service: str, reason_code: str) -> Result:
    kind: Kind = "assessment" if message.topic == ASSESSMENTS else "plan"
    return Result(
        message.tenant_id,
        message.subject,
        message.revision,
        kind,
        message.event_id,
        stopped_by=service,
        reason_code=reason_code,
    )


def _decoded(message: Message, shape: Any) -> Any:
    if not message.dataschema.endswith(VERSION):
        raise Poison("unknown-version", f"{message.type} has a version that is not known here")
    data = _decode(message, message.data, shape)
    if (data.case_id, data.revision) != (message.subject, message.revision):
        raise Poison("unreadable-event", f"{message.type} contradicts its headers")
    return data


def _decode(message: Message, data: bytes, shape: Any) -> Any:
    try:
        data.decode()  # members that are skipped or kept raw are not checked for UTF-8 otherwise
        return msgspec.json.decode(data, type=shape)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Poison("unreadable-event", f"{message.type} is not as it is read here") from None


def _object(message: Message, data: bytes) -> bytes:
    if not data.startswith(b"{"):
        raise Poison("unreadable-event", f"{message.type} carries no decision")
    return data


def _brief(message: Message, kind: Kind, data: bytes) -> Brief:
    brief: Brief = _decode(message, data, Brief)
    if (brief.kind, brief.revision) != (kind, message.revision):
        raise Poison("unreadable-event", f"{message.type} carries the brief of something else")
    return brief


def _headline(brief: Brief) -> bytes:
    """The few words of a brief that lists show."""
    likely = brief.likely
    words = {
        "action": brief.action.do.text,
        "urgency": brief.action.urgency,
        "category": likely.category if likely else None,
        "likely": likely.text if likely else None,
    }
    return orjson.dumps(words)


def _schema(kind: str) -> str:
    return f"/schemas/{kind}{VERSION}"


def _text(microseconds: int) -> str:
    return datetime.fromtimestamp(microseconds / 1e6, UTC).isoformat(timespec="milliseconds")
