"""What an operator may do: try again, skip, publish again, release, and compare both sides."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, Table, delete, insert, select, update

from chassis.clock import now_us
from chassis.storage.audit import Audit, AuditRow
from chassis.storage.database import announce
from chassis.storage.inbox import Inbox, InboxTables, StreamKey, stored_message
from chassis.storage.outbox import WRITTEN, OutboxTables


class NoSuchDeadLetter(Exception):
    """There is no open dead letter of this number."""


class Who(NamedTuple):
    """Who does it, and why; both are kept in the audit trail."""

    actor: str
    reason: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A subject whose producer and consumer do not agree.

    Attributes:
        tenant_id: whose.
        subject: what.
        head: the last sequence number that the producer gave.
        last: the last one that the consumer applied.
        kind: `missing`: not there yet, or lost on the way; `blocked`: a dead letter is in its way;
            `ahead`: the producer was restored to the past, its next events would be taken for
            duplicates.
    """

    tenant_id: str
    subject: str
    head: int
    last: int
    kind: Literal["missing", "blocked", "ahead"]


def redrive(
    connection: Connection,
    tables: InboxTables,
    *,
    row_id: int | None = None,
    topic: str | None = None,
    tenant_id: str | None = None,
    subject: str | None = None,
) -> int:
    """Let the worker try open dead letters again, in order; returns how many.

    Args:
        connection: a write transaction on the consumer's database.
        tables: its inbox.
        row_id: only this one.
        topic: only those of this topic.
        tenant_id: only those of this tenant.
        subject: only those of this subject.
    """
    dead = tables.dead
    wanted = {"id": row_id, "topic": topic, "tenant_id": tenant_id, "subject": subject}
    chosen = [dead.c[name] == value for name, value in wanted.items() if value is not None]
    # without a subject it is unreadable, and no attempt can change that
    statement = update(dead).where(
        dead.c.status.in_(("open", "retry")), dead.c.subject.is_not(None), *chosen
    )
    return connection.execute(statement.values(status="retry", attempts=1, next_at=0)).rowcount


def skip(connection: Connection, tables: InboxTables, audit: Table, row_id: int, who: Who) -> None:
    """Give a dead letter up: its subject goes on with the next message, which the worker applies.

    Raises:
        NoSuchDeadLetter: it is not there, or it is done or skipped already.
    """
    row = _take(connection, tables, row_id)
    if row.subject is None:
        return
    message = stored_message(row.topic, row.headers, row.value)
    inbox = Inbox(connection, tables, row.topic)
    stream = inbox.lock([message.stream])[message.stream]
    if message.sequence > stream.last:
        stream.last, stream.last_event_id = message.sequence, message.event_id
    stream.blocked = 0
    inbox.mark([(message.stream, stream)])
    cause = f"{message.event_id}: {who.reason}"
    entry = AuditRow(
        row.tenant_id, row.subject, message.revision, "message.skipped", who.actor, cause, now_us()
    )
    Audit(connection, audit).add(entry)


def republish(  # noqa: PLR0917 - the range is two numbers
    connection: Connection,
    tables: OutboxTables,
    topic: str,
    stream: StreamKey,
    first: int,
    last: int,
) -> int:
    """Publish the events of one subject again; consumers drop those that they have.

    Args:
        connection: a write transaction on the producer's database.
        tables: its outbox.
        topic: the topic.
        stream: tenant and subject.
        first: the first sequence number.
        last: the last one.

    Returns:
        How many events were moved from the history back into the outbox.
    """
    sent = tables.sent.c
    return _move_back(
        connection,
        tables,
        (sent.topic == topic, sent.tenant_id == stream[0], sent.subject == stream[1]),
        (sent.seq >= first, sent.seq <= last),
    )


def republish_since(connection: Connection, tables: OutboxTables, topic: str, since_us: int) -> int:
    """Publish again what was sent since a moment (microseconds UTC); returns how many."""
    sent = tables.sent.c
    return _move_back(connection, tables, (sent.topic == topic,), (sent.sent_at >= since_us,))


def release(connection: Connection, tables: OutboxTables, outbox_id: int) -> bool:
    """Let a held event, and with it its subject, go on; returns whether it was held."""
    outbox = tables.outbox
    held = update(outbox).where(outbox.c.id == outbox_id, outbox.c.hold == 1)
    released = connection.execute(held.values(hold=0, failures=0)).rowcount == 1
    announce(connection, WRITTEN)
    return released


def heads(connection: Connection, tables: OutboxTables, topic: str) -> dict[StreamKey, int]:
    """Return the last sequence number that the producer gave each subject."""
    head = tables.head.c
    rows = connection.execute(
        select(head.tenant_id, head.subject, head.last_seq).where(head.topic == topic)
    )
    return {(tenant, subject): last for tenant, subject, last in rows}


def marks(
    connection: Connection, tables: InboxTables, topic: str
) -> dict[StreamKey, tuple[int, int]]:
    """Return the last number applied of each subject, and the one that blocks it (or 0)."""
    streams = tables.streams.c
    columns = (streams.tenant_id, streams.subject, streams.last_seq, streams.blocked)
    rows = connection.execute(select(*columns).where(streams.topic == topic))
    return {(tenant, subject): (last, blocked) for tenant, subject, last, blocked in rows}


def reconcile(
    produced: Mapping[StreamKey, int], applied: Mapping[StreamKey, tuple[int, int]]
) -> list[Difference]:
    """Compare what a producer gave out with what a consumer applied.

    Args:
        produced: `heads` of the producer.
        applied: `marks` of the consumer, read after the heads.

    Returns:
        One difference for each subject that is not complete, sorted; empty when all is well. A
        subject that is merely on its way looks missing too: look again after a while.
    """
    found = []
    for tenant, subject in sorted(produced.keys() | applied.keys()):
        head = produced.get((tenant, subject), 0)
        last, blocked = applied.get((tenant, subject), (0, 0))
        if head != last or blocked:
            kind: Any = "blocked" if blocked else "missing" if head > last else "ahead"
            found.append(Difference(tenant, subject, head, last, kind))
    return found


def _take(connection: Connection, tables: InboxTables, row_id: int) -> Row[Any]:
    dead = tables.dead
    waiting = (dead.c.id == row_id, dead.c.status.in_(("open", "retry")))
    statement = update(dead).where(*waiting).values(status="skipped").returning(*dead.c)
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise NoSuchDeadLetter(f"there is no open dead letter {row_id}")
    return row


def _move_back(
    connection: Connection,
    tables: OutboxTables,
    stream: tuple[ColumnElement[bool], ...],
    which: tuple[ColumnElement[bool], ...],
) -> int:
    """Move, not copy: otherwise the event would be in the history twice."""
    sent, outbox = tables.sent, tables.outbox
    names = [column.name for column in sent.c if column.name != "sent_at"]
    chosen = select(*(sent.c[name] for name in names)).where(*stream, *which)
    moved = connection.execute(insert(outbox).from_select(names, chosen)).rowcount
    connection.execute(delete(sent).where(*stream, *which))
    announce(connection, WRITTEN)
    return moved
