"""The inbox: how far each subject has come, what waits for its turn, and what could not be done."""

from collections.abc import Iterable, Sequence
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
    and_,
    bindparam,
    select,
)

from chassis.clock import now_us
from chassis.envelope import Headers, Message, dump_headers, load_headers, parse
from chassis.storage.bulk import (
    among,
    defer_rows,
    delete_rows,
    insert_rows,
    run_rows,
    tuples,
    update_rows,
)
from chassis.storage.columns import id_column, stream_columns, updated_in_place

StreamKey = tuple[str, str]
_STREAM = ("topic", "tenant_id", "subject")


@dataclass(frozen=True, eq=False)
class InboxTables:
    """The five tables of the consuming side.

    Attributes:
        offsets: where to go on reading, per incarnation of the log; the broker's is a copy.
        streams: the last sequence number applied per subject; never expires.
        parked: messages that came before their predecessors, or wait behind a dead letter.
        dead: messages that could not be applied.
        attempts: counted only after an unclean stop, to find a message that kills its process.
    """

    offsets: Table
    streams: Table
    parked: Table
    dead: Table
    attempts: Table


@dataclass(slots=True)
class Stream:
    """How far one subject has come within one topic.

    Attributes:
        last: sequence number of the last applied message.
        blocked: sequence number of the quarantined message that everything waits for, 0 if none.
        last_event_id: id of the last applied message; shows a sequence number used twice.
    """

    last: int
    blocked: int
    last_event_id: str | None


def inbox_tables(metadata: MetaData) -> InboxTables:
    """Declare the inbox tables in a service's own metadata."""
    return InboxTables(
        offsets=_offsets_table(metadata),
        streams=_streams_table(metadata),
        parked=_parked_table(metadata),
        dead=_dead_table(metadata),
        attempts=_attempts_table(metadata),
    )


class Inbox:
    """The inbox of one topic, seen from within one transaction."""

    def __init__(self, connection: Connection, tables: InboxTables, topic: str) -> None:
        """Bind the inbox to a transaction that somebody else opened and will close."""
        self.connection = connection
        self.tables = tables
        self.topic = topic
        self._dialect = connection.dialect.name

    def lock(self, keys: Iterable[StreamKey]) -> dict[StreamKey, Stream]:
        """Lock and read the streams of these subjects, new ones included, with one statement."""
        # sorted: everybody locks in the same order, so nobody deadlocks
        rows = [
            {"topic": self.topic, "tenant_id": tenant, "subject": subject}
            for tenant, subject in sorted(set(keys))
        ]
        found = run_rows(self.connection, _lock_streams(self.tables.streams, self._dialect), rows)
        return {
            (tenant, subject): Stream(last, blocked, event)
            for tenant, subject, last, blocked, event in found
        }

    def mark(self, streams: Iterable[tuple[StreamKey, Stream]]) -> None:
        """Write back how far these streams have come, at the latest before the commit."""
        rows = [
            {
                "topic": self.topic,
                "tenant_id": tenant,
                "subject": subject,
                "last_seq": stream.last,
                "blocked": stream.blocked,
                "last_event_id": stream.last_event_id,
            }
            for (tenant, subject), stream in streams
        ]
        if rows:
            defer_rows(self.connection, _mark_streams(self.tables.streams, self._dialect), rows)

    def park(self, messages: Sequence[Message]) -> None:
        """Keep messages until their turn comes; one that waits already is kept once."""
        if messages:
            rows = [_parked_row(message) for message in messages]
            run_rows(self.connection, _park(self.tables.parked, self._dialect), rows)

    def waiting(self, keys: Iterable[StreamKey], limit: int) -> list[Message]:
        """Return what is parked for these subjects, in order; at most `limit`."""
        parked = self.tables.parked
        wanted = tuples(_stream_of(parked), self._dialect, sorted(keys))
        found = self.connection.execute(
            _waiting(parked, self._dialect), {"topic": self.topic, "limit": limit} | wanted
        )
        return [stored_message(self.topic, row.headers, row.value) for row in found]

    def due(self, limit: int) -> set[StreamKey]:
        """Return subjects whose next message is parked and could be applied now."""
        statement = _due_streams(self.tables.parked, self.tables.streams)
        found = self.connection.execute(statement, {"topic": self.topic, "limit": limit})
        return {(tenant, subject) for tenant, subject in found}

    def any_parked(self) -> bool:
        """Tell whether anything at all waits in this topic; cheap."""
        return (
            self.connection.execute(_any_parked(self.tables.parked), {"topic": self.topic}).first()
            is not None
        )

    def unpark(self, sequences: Iterable[tuple[StreamKey, int]]) -> None:
        """Remove messages that were applied or are no longer needed."""
        rows = [
            {"topic": self.topic, "tenant_id": tenant, "subject": subject, "seq": sequence}
            for (tenant, subject), sequence in sequences
        ]
        if rows:
            run_rows(self.connection, _unpark(self.tables.parked, self._dialect), rows)


@dataclass(frozen=True, slots=True)
class _Stored:
    topic: str
    headers: Headers
    value: bytes
    key: None = None
    partition: int = -1
    offset: int = -1


def stored_message(topic: str, headers: str, value: bytes) -> Message:
    """Return the message that was kept in a row; its partition and offset are -1."""
    return parse(_Stored(topic, load_headers(headers), bytes(value)))


def _parked_row(message: Message) -> dict[str, Any]:
    return {
        "topic": message.topic,
        "tenant_id": message.tenant_id,
        "subject": message.subject,
        "seq": message.sequence,
        "headers": dump_headers(message.headers),
        "value": message.data,
        "parked_at": now_us(),
    }


@cache
def _lock_streams(streams: Table, dialect: str) -> Any:
    columns = streams.c
    statement = insert_rows(streams, _STREAM, dialect).on_conflict_do_update(
        index_elements=[columns.topic, columns.tenant_id, columns.subject],
        set_={"last_seq": columns.last_seq},  # changes nothing, locks the row
    )
    return statement.returning(
        columns.tenant_id, columns.subject, columns.last_seq, columns.blocked, columns.last_event_id
    )


@cache
def _mark_streams(streams: Table, dialect: str) -> Any:
    return update_rows(streams, _STREAM, ("last_seq", "blocked", "last_event_id"), dialect)


@cache
def _park(parked: Table, dialect: str) -> Any:
    names = [column.name for column in parked.c]
    return insert_rows(parked, names, dialect).on_conflict_do_nothing()


@cache
def _waiting(parked: Table, dialect: str) -> Any:
    columns, mine = parked.c, among(_stream_of(parked), dialect)
    chosen = select(columns.headers, columns.value).where(columns.topic == bindparam("topic"), mine)
    return chosen.order_by(columns.tenant_id, columns.subject, columns.seq).limit(
        bindparam("limit")
    )


@cache
def _due_streams(parked: Table, streams: Table) -> Any:
    same = and_(
        streams.c.topic == parked.c.topic,
        streams.c.tenant_id == parked.c.tenant_id,
        streams.c.subject == parked.c.subject,
    )
    chosen = select(parked.c.tenant_id, parked.c.subject).select_from(parked.join(streams, same))
    ripe = (streams.c.blocked == 0, parked.c.seq <= streams.c.last_seq + 1)
    return (
        chosen.where(parked.c.topic == bindparam("topic"), *ripe)
        .distinct()
        .limit(bindparam("limit"))
    )


@cache
def _any_parked(parked: Table) -> Any:
    return select(parked.c.seq).where(parked.c.topic == bindparam("topic")).limit(1)


@cache
def _unpark(parked: Table, dialect: str) -> Any:
    return delete_rows(parked, (*_STREAM, "seq"), dialect)


def _stream_of(table: Table) -> tuple[Column[Any], Column[Any]]:
    return (table.c.tenant_id, table.c.subject)


def _offsets_table(metadata: MetaData) -> Table:
    table = Table(
        "consumer_offset",
        metadata,
        Column("bus_id", Text, primary_key=True),
        Column("topic", Text, primary_key=True),
        Column("part", Integer, primary_key=True, autoincrement=False),
        Column("next_offset", BigInteger, nullable=False),
        Column("clean", Integer, nullable=False, server_default="1"),
        sqlite_with_rowid=False,
    )
    updated_in_place(table)
    return table


def _streams_table(metadata: MetaData) -> Table:
    table = Table(
        "inbox_stream",
        metadata,
        *stream_columns(primary_key=True),
        Column("last_seq", BigInteger, nullable=False, server_default="0"),
        Column("blocked", BigInteger, nullable=False, server_default="0"),
        Column("last_event_id", Text),
        sqlite_with_rowid=False,
    )
    updated_in_place(table)
    return table


def _parked_table(metadata: MetaData) -> Table:
    return Table(
        "inbox_parked",
        metadata,
        *stream_columns(primary_key=True),
        Column("seq", BigInteger, primary_key=True, autoincrement=False),
        Column("headers", Text, nullable=False),
        Column("value", LargeBinary, nullable=False),
        Column("parked_at", BigInteger, nullable=False),
    )


def _dead_table(metadata: MetaData) -> Table:
    table = Table(
        "dead_letter",
        metadata,
        id_column(),
        Column("topic", Text, nullable=False),
        Column("bus_id", Text),
        Column("part", Integer),
        Column("off", BigInteger),
        Column("tenant_id", Text),
        Column("subject", Text),
        Column("seq", BigInteger),
        Column("reason_code", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column(
            "status",
            Text,
            CheckConstraint("status IN ('retry','open','done','skipped')"),
            nullable=False,
        ),
        Column("next_at", BigInteger, nullable=False),
        Column("headers", Text),
        Column("value", LargeBinary, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        UniqueConstraint("bus_id", "topic", "part", "off"),
        UniqueConstraint("topic", "tenant_id", "subject", "seq"),
    )
    Index("dead_letter_due", table.c.topic, table.c.status, table.c.next_at)
    return table


def _attempts_table(metadata: MetaData) -> Table:
    return Table(
        "delivery_attempt",
        metadata,
        Column("bus_id", Text, primary_key=True),
        Column("topic", Text, primary_key=True),
        Column("part", Integer, primary_key=True, autoincrement=False),
        Column("off", BigInteger, primary_key=True, autoincrement=False),
        Column("tries", Integer, nullable=False),
        sqlite_with_rowid=False,
    )
