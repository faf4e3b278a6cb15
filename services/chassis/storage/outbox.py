"""The outbox: events are stored beside the change that they tell of, numbered without gaps."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

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
    insert,
)

from chassis.clock import now_us
from chassis.envelope import MAX_DATA_BYTES, Event, dump_headers, headers
from chassis.storage.database import announce, upsert

# SQLite counts in its own INTEGER; Postgres needs the wide type
IdType = BigInteger().with_variant(Integer, "sqlite")

WRITTEN = "outbox"

_StreamKey = tuple[str, str, str]


class PayloadTooLarge(Exception):
    """An event's body is larger than the broker would take; nothing was written."""


@dataclass(frozen=True, eq=False)
class OutboxTables:
    """The three tables of the producing side.

    Attributes:
        head: the last sequence number of each stream (topic, tenant, subject); its row lock
            serialises the subject.
        outbox: only what is not yet published.
        sent: history, for publishing again.
    """

    head: Table
    outbox: Table
    sent: Table

    @cached_property
    def insert(self) -> Any:
        """The statement that stores numbered events."""
        return insert(self.outbox)

    def advance(self, dialect: str) -> Any:
        """The statement that moves stream heads on and returns where they are then."""
        return self._advance[dialect]

    @cached_property
    def _advance(self) -> dict[str, Any]:
        return {dialect: _advance(self.head, dialect) for dialect in ("sqlite", "postgresql")}


def outbox_tables(metadata: MetaData) -> OutboxTables:
    """Declare the outbox tables in a service's own metadata."""
    return OutboxTables(_head_table(metadata), _outbox_table(metadata), _sent_table(metadata))


class Outbox:
    """The events that leave with this transaction."""

    def __init__(self, connection: Connection, tables: OutboxTables) -> None:
        """Bind the outbox to a transaction that somebody else opened and will close."""
        self._connection = connection
        self._tables = tables

    def add(self, event: Event) -> int:
        """Store one event and return its sequence number.

        Raises:
            PayloadTooLarge: its body exceeds 900,000 bytes; nothing was written.
        """
        return self.add_all([event])[0]

    def add_all(self, events: Sequence[Event]) -> list[int]:
        """Store events in this order, with two statements for any number of them.

        Call it late in the transaction: the row lock of each stream is held until the commit.

        Returns:
            The sequence number of each event.

        Raises:
            PayloadTooLarge: a body exceeds 900,000 bytes; nothing was written.
        """
        if not events:
            return []
        _refuse_large(events)
        sequences = self._number(events)
        created_at = now_us()
        rows = [
            _row(event, sequence, created_at)
            for event, sequence in zip(events, sequences, strict=True)
        ]
        self._connection.execute(self._tables.insert, rows if len(rows) > 1 else rows[0])
        announce(self._connection, WRITTEN)
        return sequences

    def _number(self, events: Sequence[Event]) -> list[int]:
        counts = Counter(_stream(event) for event in events)
        heads = self._advance_heads(counts)
        following = {stream: heads[stream] - count for stream, count in counts.items()}
        sequences = []
        for event in events:
            following[_stream(event)] += 1
            sequences.append(following[_stream(event)])
        return sequences

    def _advance_heads(self, counts: Counter[_StreamKey]) -> dict[_StreamKey, int]:
        # sorted: everybody locks in the same order, so nobody deadlocks
        steps = [
            {"topic": t, "tenant_id": n, "subject": s, "last_seq": counts[t, n, s]}
            for t, n, s in sorted(counts)
        ]
        statement = self._tables.advance(self._connection.dialect.name)
        rows = self._connection.execute(statement, steps if len(steps) > 1 else steps[0])
        return {(topic, tenant, subject): last for topic, tenant, subject, last in rows}


def _stream(event: Event) -> _StreamKey:
    return (event.topic, event.tenant_id, event.subject)


def _refuse_large(events: Sequence[Event]) -> None:
    for event in events:
        if len(event.data) > MAX_DATA_BYTES:
            raise PayloadTooLarge(
                f"the body of {event.type} has {len(event.data)} bytes, at most {MAX_DATA_BYTES}"
            )


def _row(event: Event, sequence: int, created_at: int) -> dict[str, Any]:
    return {
        "event_id": event.event_id,
        "topic": event.topic,
        "tenant_id": event.tenant_id,
        "subject": event.subject,
        "seq": sequence,
        "headers": dump_headers(headers(event, sequence)),
        "payload": event.data,
        "created_at": created_at,
    }


def _advance(head: Table, dialect: str) -> Any:
    statement = upsert(head, dialect)
    return statement.on_conflict_do_update(
        index_elements=[head.c.topic, head.c.tenant_id, head.c.subject],
        set_={"last_seq": head.c.last_seq + statement.excluded.last_seq},
    ).returning(head.c.topic, head.c.tenant_id, head.c.subject, head.c.last_seq)


def stream_columns(*, primary_key: bool = False) -> list[Column[Any]]:
    """The columns that name a stream, the same in every table that has them."""
    names = ("topic", "tenant_id", "subject")
    return [Column(name, Text, nullable=False, primary_key=primary_key) for name in names]


def _head_table(metadata: MetaData) -> Table:
    return Table(
        "stream_head",
        metadata,
        *stream_columns(primary_key=True),
        Column("last_seq", BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )


def _outbox_table(metadata: MetaData) -> Table:
    table = Table(
        "outbox",
        metadata,
        Column("id", IdType, primary_key=True, autoincrement=True),
        Column("event_id", Text, nullable=False, unique=True),
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
        Column("failures", Integer, nullable=False, server_default="0"),
        Column("hold", Integer, nullable=False, server_default="0"),
        UniqueConstraint("topic", "tenant_id", "subject", "seq"),
        sqlite_autoincrement=True,
    )
    held = table.c.hold == 1
    Index(
        "outbox_hold",
        table.c.topic,
        table.c.tenant_id,
        table.c.subject,
        sqlite_where=held,
        postgresql_where=held,
    )
    return table


def _sent_table(metadata: MetaData) -> Table:
    table = Table(
        "outbox_sent",
        metadata,
        Column("id", IdType, primary_key=True, autoincrement=False),
        Column("event_id", Text, nullable=False),
        *stream_columns(),
        Column("seq", BigInteger, nullable=False),
        Column("headers", Text, nullable=False),
        Column("payload", LargeBinary, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("sent_at", BigInteger, nullable=False),
    )
    Index("outbox_sent_stream", table.c.topic, table.c.tenant_id, table.c.subject, table.c.seq)
    return table
