"""The outbox: events are stored beside the change that they tell of, numbered without gaps."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from chassis.clock import now_us
from chassis.envelope import MAX_DATA_BYTES, Event, dump_headers, headers
from chassis.storage.columns import (
    IdType,
    after_create,
    id_column,
    stored_as_given,
    stream_columns,
    updated_in_place,
)
from chassis.storage.database import announce
from chassis.storage.deferred import Write, defer_write

WRITTEN = "outbox"

_StreamKey = tuple[str, str, str]


class PayloadTooLarge(Exception):
    """An event's body is larger than the broker would take; nothing was written."""


@dataclass(frozen=True, eq=False)
class OutboxTables:
    """The four tables of the producing side.

    An event is written once, to `events`. What is still to be published is named in `pending`; a
    row leaves it after the broker's acknowledgement, and the event stays as history, for publishing
    again.

    Attributes:
        head: the last sequence number of each stream (topic, tenant, subject); its row lock
            serialises the subject.
        events: every event, with its body; rows never change.
        pending: what is not yet published, by the number of its event.
        sent: from which to which event the relay published when; one row for each batch.
    """

    head: Table
    events: Table
    pending: Table
    sent: Table


def outbox_tables(metadata: MetaData) -> OutboxTables:
    """Declare the outbox tables in a service's own metadata."""
    return OutboxTables(
        _head_table(metadata),
        _events_table(metadata),
        _pending_table(metadata),
        _sent_table(metadata),
    )


class Outbox:
    """The events that leave with this transaction."""

    def __init__(self, connection: Connection, tables: OutboxTables) -> None:
        """Bind the outbox to a transaction that somebody else opened and will close."""
        self._connection = connection
        self._tables = tables

    def add(self, event: Event) -> None:
        """Store one event.

        Raises:
            PayloadTooLarge: its body exceeds 900,000 bytes; nothing was written.
        """
        self.add_all([event])

    def add_all(self, events: Sequence[Event]) -> None:
        """Store events in this order, with a constant number of statements.

        They get their sequence numbers when they are written, at the latest before the commit: the
        row lock of each stream is held from then on.

        Raises:
            PayloadTooLarge: a body exceeds 900,000 bytes; nothing was written.
        """
        if not events:
            return
        _refuse_large(events)
        if self._connection.dialect.name == "sqlite":
            self._write_on_sqlite(events)
        else:
            write = (
                (_WRITE_ONE, _of_one(events[0])) if len(events) == 1 else (_WRITE, _of_many(events))
            )
            defer_write(self._connection, *write)
        announce(self._connection, WRITTEN)

    def _write_on_sqlite(self, events: Sequence[Event]) -> None:
        """Number and write row by row: the file is ours, and nothing travels."""
        driver: Any = self._connection.connection.driver_connection
        now = now_us()
        for event in events:
            stream = (event.topic, event.tenant_id, event.subject)
            ((sequence,),) = driver.execute(_ADVANCE, stream).fetchall()
            text = dump_headers(headers(event, sequence))
            row = (event.event_id, *stream, sequence, text, event.data, now)
            number = driver.execute(_INSERT_EVENT, row).lastrowid
            driver.execute(_INSERT_PENDING, (number, now))


# what stands in the headers until the database gives the number
_UNNUMBERED: Final = '["ce_sequence","0"]'

_STREAMS: Final = """
    INSERT INTO stream_head AS head (topic, tenant_id, subject, last_seq)
    SELECT * FROM unnest(%(topics)s::text[], %(tenants)s::text[], %(subjects)s::text[],
                         %(counts)s::bigint[])
    ON CONFLICT (topic, tenant_id, subject)
    DO UPDATE SET last_seq = head.last_seq + excluded.last_seq
    RETURNING topic, tenant_id, subject, last_seq
"""
_NUMBERED: Final = """
    SELECT given.*, last_seq - following AS seq
    FROM unnest(%(topic)s::text[], %(tenant)s::text[], %(subject)s::text[], %(following)s::bigint[],
                %(event_id)s::text[], %(headers)s::text[], %(payload)s::bytea[])
    WITH ORDINALITY
    AS given (topic, tenant_id, subject, following, event_id, headers, payload, place)
    JOIN outbox_streams USING (topic, tenant_id, subject)
"""
_WRITTEN: Final = """
    INSERT INTO outbox (event_id, topic, tenant_id, subject, seq, headers, payload, created_at)
    SELECT event_id, topic, tenant_id, subject, seq,
           replace(headers, %(unnumbered)s, '["ce_sequence","' || seq || '"]'),
           payload, %(now)s::bigint
    FROM outbox_numbered ORDER BY place
    RETURNING id, created_at
"""
_WRITE: Final = Write(
    text="INSERT INTO outbox_pending (id, since) SELECT id, created_at FROM outbox_written",
    table="outbox_pending",
    parts=(
        ("outbox_streams", _STREAMS),
        ("outbox_numbered", _NUMBERED),
        ("outbox_written", _WRITTEN),
    ),
)
"""Numbers the events of each stream under its row lock, then writes them in their order."""

_ONE_STREAM: Final = """
    INSERT INTO stream_head AS head (topic, tenant_id, subject, last_seq)
    VALUES (%(topic)s, %(tenant)s, %(subject)s, 1)
    ON CONFLICT (topic, tenant_id, subject) DO UPDATE SET last_seq = head.last_seq + 1
    RETURNING topic, tenant_id, subject, last_seq
"""
_ONE_WRITTEN: Final = """
    INSERT INTO outbox (event_id, topic, tenant_id, subject, seq, headers, payload, created_at)
    SELECT %(event_id)s, topic, tenant_id, subject, last_seq,
           replace(%(headers)s, %(unnumbered)s, '["ce_sequence","' || last_seq || '"]'),
           %(payload)s, %(now)s::bigint
    FROM outbox_streams
    RETURNING id, created_at
"""
_WRITE_ONE: Final = Write(
    text=_WRITE.text,
    table=_WRITE.table,
    parts=(("outbox_streams", _ONE_STREAM), ("outbox_written", _ONE_WRITTEN)),
)
"""The same for one event: plain parameters are packed several times faster than arrays."""

_ADVANCE: Final = (
    "INSERT INTO stream_head (topic, tenant_id, subject, last_seq) VALUES (?, ?, ?, 1) "
    "ON CONFLICT (topic, tenant_id, subject) DO UPDATE SET last_seq = last_seq + 1 "
    "RETURNING last_seq"
)
_INSERT_EVENT: Final = (
    "INSERT INTO outbox (event_id, topic, tenant_id, subject, seq, headers, payload, created_at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_INSERT_PENDING: Final = "INSERT INTO outbox_pending (id, since) VALUES (?, ?)"


def _of_many(events: Sequence[Event]) -> dict[str, Any]:
    counts = Counter(_stream(event) for event in events)
    # sorted: everybody locks in the same order, so nobody deadlocks
    streams = sorted(counts)
    left, following = dict(counts), []
    for event in events:
        left[_stream(event)] -= 1
        following.append(left[_stream(event)])
    return {
        "topics": [topic for topic, _, _ in streams],
        "tenants": [tenant for _, tenant, _ in streams],
        "subjects": [subject for _, _, subject in streams],
        "counts": [counts[stream] for stream in streams],
        "topic": [event.topic for event in events],
        "tenant": [event.tenant_id for event in events],
        "subject": [event.subject for event in events],
        "following": following,
        "event_id": [event.event_id for event in events],
        "headers": [dump_headers(headers(event, 0)) for event in events],
        "payload": [event.data for event in events],
        "unnumbered": _UNNUMBERED,
        "now": now_us(),
    }


def _of_one(event: Event) -> dict[str, Any]:
    return {
        "topic": event.topic,
        "tenant": event.tenant_id,
        "subject": event.subject,
        "event_id": event.event_id,
        "headers": dump_headers(headers(event, 0)),
        "payload": event.data,
        "unnumbered": _UNNUMBERED,
        "now": now_us(),
    }


def _stream(event: Event) -> _StreamKey:
    return (event.topic, event.tenant_id, event.subject)


def _refuse_large(events: Sequence[Event]) -> None:
    for event in events:
        if len(event.data) > MAX_DATA_BYTES:
            raise PayloadTooLarge(
                f"the body of {event.type} has {len(event.data)} bytes, at most {MAX_DATA_BYTES}"
            )


def _head_table(metadata: MetaData) -> Table:
    table = Table(
        "stream_head",
        metadata,
        *stream_columns(primary_key=True),
        Column("last_seq", BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    updated_in_place(table)
    return table


def _events_table(metadata: MetaData) -> Table:
    table = Table(
        "outbox",
        metadata,
        id_column(),
        Column("event_id", Text, nullable=False),
        *stream_columns(),
        Column("seq", BigInteger, nullable=False),
        Column("headers", Text, nullable=False),
        Column(
            "payload",
            LargeBinary,
            CheckConstraint(f"length(payload) <= {MAX_DATA_BYTES}"),
            nullable=False,
        ),
        Column("created_at", BigInteger, nullable=False),
        UniqueConstraint("topic", "tenant_id", "subject", "seq"),
        sqlite_autoincrement=True,
    )
    stored_as_given(table, "headers", "payload")
    return table


def _pending_table(metadata: MetaData) -> Table:
    table = Table(
        "outbox_pending",
        metadata,
        Column("id", IdType, primary_key=True, autoincrement=False),
        Column("since", BigInteger, nullable=False),
        Column("failures", Integer, nullable=False, server_default="0"),
        Column("hold", Integer, nullable=False, server_default="0"),
    )
    held = table.c.hold == 1
    Index("outbox_pending_held", table.c.id, sqlite_where=held, postgresql_where=held)
    # rows live for milliseconds: what they leave behind is swept before a scan stumbles over it
    after_create(
        table,
        "postgresql",
        "ALTER TABLE outbox_pending SET (autovacuum_vacuum_scale_factor = 0, "
        "autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 0)",
    )
    return table


def _sent_table(metadata: MetaData) -> Table:
    return Table(
        "outbox_sent",
        metadata,
        Column("sent_at", BigInteger, primary_key=True, autoincrement=False),
        Column("first_id", BigInteger, primary_key=True, autoincrement=False),
        Column("last_id", BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
