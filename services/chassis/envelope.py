"""The envelope of every event: CloudEvents 1.0 in binary mode, attributes in `ce_` headers."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

import orjson

Headers: TypeAlias = Sequence[tuple[str, bytes | None]]

MAX_DATA_BYTES = 900_000
MAX_NAME_BYTES = 200
"""Names are parts of keys, and no database takes a key of any length."""
_MAX_DIGITS = 18
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


class UnreadableMessage(Exception):
    """A record whose headers do not say what it is or whom it concerns."""

    def __init__(self, reason: str) -> None:
        """Keep the sentence; it never quotes the value."""
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Event:
    """What a service emits; it gets its sequence number when the outbox stores it.

    Attributes:
        topic: where it goes.
        type: past participle, for example `order.placed`.
        tenant_id: to whom it belongs.
        subject: the thing that it is about; the sequence is counted per topic, tenant and subject.
        revision: the revision of the subject that it speaks of.
        data: the finished JSON body, at most 900,000 bytes.
        source: the service, as a path.
        dataschema: name of the schema of `data`.
        event_id: `clock.new_id()` when a request caused it, otherwise
            `clock.derived_id(cause, type, ordinal)`.
        correlation_id: the same on everything that one request set in motion.
        occurred_at: RFC 3339, UTC.
        causation_id: the event that caused this one, None when a request did.
        traceparent: W3C trace context, if any.
    """

    topic: str
    type: str
    tenant_id: str
    subject: str
    revision: int
    data: bytes = field(repr=False)
    source: str
    dataschema: str
    event_id: str
    correlation_id: str
    occurred_at: str
    causation_id: str | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """What a consumer gets: the event's attributes, its sequence number, and where it was found.

    `partition` and `offset` are -1 for a message that comes from the database (parked, retried).
    """

    topic: str
    partition: int
    offset: int
    key: str
    event_id: str
    type: str
    tenant_id: str
    subject: str
    revision: int
    sequence: int
    causation_id: str | None
    correlation_id: str
    traceparent: str | None
    time: str
    source: str
    dataschema: str
    data: bytes = field(repr=False)
    headers: Headers = field(repr=False, default=())

    def json(self) -> Any:
        """Return the decoded body.

        Raises:
            orjson.JSONDecodeError: the body is not JSON.
        """
        return orjson.loads(self.data)

    @property
    def stream(self) -> tuple[str, str]:
        """Tenant and subject: what order is kept for within one topic."""
        return (self.tenant_id, self.subject)


class RawRecord(Protocol):
    """What `parse` needs to see of a broker's record."""

    @property
    def topic(self) -> str:
        """The topic that it was read from."""

    @property
    def partition(self) -> int:
        """Its partition."""

    @property
    def offset(self) -> int:
        """Its offset there."""

    @property
    def key(self) -> bytes | None:
        """Its key."""

    @property
    def headers(self) -> Headers:
        """Its headers."""

    @property
    def value(self) -> bytes:
        """Its body."""


def headers(event: Event, sequence: int) -> list[tuple[str, bytes]]:
    """Return the Kafka headers of an event that got this sequence number."""
    named = (
        ("ce_id", event.event_id),
        ("ce_specversion", "1.0"),
        ("ce_type", event.type),
        ("ce_source", event.source),
        ("ce_time", event.occurred_at),
        ("ce_subject", event.subject),
        ("ce_dataschema", event.dataschema),
        ("ce_tenantid", event.tenant_id),
        ("ce_sequence", str(sequence)),
        ("ce_revision", str(event.revision)),
        ("ce_causationid", event.causation_id),
        ("ce_correlationid", event.correlation_id),
        ("ce_traceparent", event.traceparent),
        ("content-type", "application/json"),
    )
    return [(name, text.encode()) for name, text in named if text is not None]


def record_key(tenant_id: str, subject: str) -> str:
    """Return the key that keeps all events of one subject in one partition."""
    return f"{tenant_id}:{subject}"


def parse(record: RawRecord) -> Message:
    """Read the headers of a record; the body is not looked at.

    Raises:
        UnreadableMessage: a required header is missing, too long, not text or not a number, or
            the key names another subject than the headers do.
    """
    named = _texts(record.headers)
    tenant_id, subject = _required(named, "ce_tenantid"), _required(named, "ce_subject")
    key = record_key(tenant_id, subject)
    if record.key is not None and record.key != key.encode():
        raise UnreadableMessage("the record's key and its headers name different subjects")
    if _required(named, "ce_specversion") != "1.0":
        raise UnreadableMessage("ce_specversion is not 1.0")
    return Message(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=key,
        event_id=_required(named, "ce_id"),
        type=_required(named, "ce_type"),
        tenant_id=tenant_id,
        subject=subject,
        revision=_number(named, "ce_revision"),
        sequence=_number(named, "ce_sequence"),
        causation_id=named.get("ce_causationid"),
        correlation_id=named.get("ce_correlationid", ""),
        traceparent=named.get("ce_traceparent"),
        time=named.get("ce_time", ""),
        source=_required(named, "ce_source"),
        dataschema=named.get("ce_dataschema", ""),
        data=record.value,
        headers=record.headers,
    )


def dump_headers(pairs: Iterable[tuple[str, bytes | None]]) -> str:
    """Return headers as JSON text; any bytes survive, since latin-1 has a character for each."""
    return orjson.dumps(
        [(name, None if value is None else value.decode("latin-1")) for name, value in pairs]
    ).decode()


def load_headers(text: str) -> list[tuple[str, bytes | None]]:
    """Return the headers that `dump_headers` wrote."""
    return [
        (name, None if value is None else value.encode("latin-1"))
        for name, value in orjson.loads(text)
    ]


def _texts(pairs: Headers) -> dict[str, str]:
    try:
        named = {name: value.decode() for name, value in pairs if value is not None}
    except UnicodeDecodeError:
        raise UnreadableMessage("a header is not UTF-8 text") from None
    if _CONTROL.search("".join(named.values())):
        # Postgres keeps no text with a NUL, and logs no line break
        name = next(name for name, text in named.items() if _CONTROL.search(text))
        raise UnreadableMessage(f"header {name!a} has a control character")
    return named


def _required(named: dict[str, str], name: str) -> str:
    text = named.get(name)
    if not text:
        raise UnreadableMessage(f"header {name} is missing")
    if len(text) > MAX_NAME_BYTES or (not text.isascii() and len(text.encode()) > MAX_NAME_BYTES):
        raise UnreadableMessage(f"header {name} is longer than {MAX_NAME_BYTES} bytes")
    return text


def _number(named: dict[str, str], name: str) -> int:
    text = _required(named, name)
    if not (text.isascii() and text.isdecimal()) or len(text) > _MAX_DIGITS or int(text) < 1:
        raise UnreadableMessage(f"header {name} is not a positive whole number")
    return int(text)
