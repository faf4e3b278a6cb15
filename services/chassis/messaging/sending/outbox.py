"""The outbox: events are stored beside the change that they tell of, numbered without gaps."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
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
)

from chassis.clock import now_us
from chassis.envelope import MAX_DATA_BYTES, Event, dump_headers, headers
from chassis.storage.bulk import insert_rows, run_rows
from chassis.storage.columns import (
    IdType,
    after_create,
    id_column,
    stream_columns,
    updated_in_place,
)
from chassis.storage.database import announce

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


def outbox_tables(metadata: MetaData) -> OutboxTables:
    """Declare the outbox tables in a service's own metadata."""
    return OutboxTables(_head_table(metadata), _outbox_table(metadata), _sent_table(metadata))


class Outbox:
    """The events that leave with this transaction."""

    def __init__(self, connection: Connection, tables: OutboxTables) -> None:
        """Bind the outbox to a transaction that somebody else opened and will close."""
        self._connection = connection
        self._tables = tables
        self._dialect = connection.dialect.name

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
        run_rows(self._connection, _insert(self._tables.outbox, self._dialect), rows)
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
        rows = run_rows(self._connection, _advance(self._tables.head, self._dialect), steps)
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


# built once per table: building a statement costs more than running it
@cache
def _insert(outbox: Table, dialect: str) -> Any:
    names = ("event_id", "topic", "tenant_id", "subject", "seq", "headers", "payload", "created_at")
    return insert_rows(outbox, names, dialect)


@cache
def _advance(head: Table, dialect: str) -> Any:
    statement = insert_rows(head, [column.name for column in head.c], dialect)
    return statement.on_conflict_do_update(
        index_elements=[head.c.topic, head.c.tenant_id, head.c.subject],
        set_={"last_seq": head.c.last_seq + statement.excluded.last_seq},
    ).returning(head.c.topic, head.c.tenant_id, head.c.subject, head.c.last_seq)


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


def _outbox_table(metadata: MetaData) -> Table:
    table = Table(
        "outbox",
        metadata,
        id_column(),
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
    # rows live for milliseconds: what they leave behind is swept before a scan stumbles over it
    after_create(
        table,
        "postgresql",
        "ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0, "
        "autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 0)",
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
