"""What this service says about cases, and its own copies of what it hears from the others."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from chassis import clock
from chassis.envelope import Event, Message
from chassis.messaging.errors import Poison
from intake.case import Case, Document, Findings, Note

SOURCE: Final = "/intake"
VERSION: Final = "/1"
SPOKEN: Final = "intake.case.v1"
ASSESSMENTS: Final = "diagnosis.case.v1"
PLANS: Final = "treatment.case.v1"

SUBMITTED: Final = "case.submitted"
REVISED: Final = "case.revised"
TOLD: Final = (SUBMITTED, REVISED)
STOPPED: Final = "processing.stopped"
ASSESSED: Final = "assessment.completed"
PLANNED: Final = {"plan.recommended": "recommended", "plan.withheld": "withheld"}


@dataclass(frozen=True)
class Origin:
    """The request that set something in motion."""

    actor: str
    request_id: str
    traceparent: str | None = None


def case_told(case: Case, findings: Findings, origin: Origin) -> Event:
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
        topic=SPOKEN,
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
    """Returns the event that tells that a message could not be applied here."""
    data = {
        "case_id": message.subject,
        "revision": message.revision,
        "reason_code": reason_code,
    }
    return Event(
        topic=SPOKEN,
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


def heard(message: Message) -> Note:
    """Returns what a message of another service says, in our words; unknown fields are ignored.

    Raises:
        Poison: The message does not say what we need to know.
    """
    if message.type == STOPPED:
        return _heard_stop(message)
    kind: Document = "assessment" if message.type == ASSESSED else "plan"
    document = _body(message).get(kind)
    if not isinstance(document, dict):
        raise Poison("unreadable-event", f"{message.type} carries no {kind}")
    return Note(
        message.tenant_id,
        message.subject,
        message.revision,
        kind,
        message.event_id,
        document=orjson.dumps(document),
        outcome=PLANNED.get(message.type),
        headline=_headline(document),
    )


def heard_trouble(message: Message, reason_code: str) -> Note:
    """Returns the note that a message of another service could not be applied by ourselves."""
    return _stop(message, "intake", reason_code)


def _heard_stop(message: Message) -> Note:
    reason = _body(message).get("reason_code")
    if not isinstance(reason, str):
        raise Poison("unreadable-event", f"{STOPPED} carries no reason_code")
    return _stop(message, message.source.strip("/"), reason)


def _stop(message: Message, service: str, reason_code: str) -> Note:
    kind: Document = "assessment" if message.topic == ASSESSMENTS else "plan"
    return Note(
        message.tenant_id,
        message.subject,
        message.revision,
        kind,
        message.event_id,
        stopped_by=service,
        reason_code=reason_code,
    )


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


def _headline(document: Mapping[str, Any]) -> bytes:
    names = ("summary", "category", "likelihood")
    words = {name: document[name] for name in names if name in document}
    if isinstance(step := document.get("step"), dict):
        words["step"] = step.get("title")
    return orjson.dumps(words)


def _schema(kind: str) -> str:
    return f"/schemas/{kind}{VERSION}"


def _text(microseconds: int) -> str:
    return datetime.fromtimestamp(microseconds / 1e6, UTC).isoformat(timespec="milliseconds")
