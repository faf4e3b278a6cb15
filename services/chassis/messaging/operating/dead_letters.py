"""What an operator may do: try again, skip, publish again, release, and see both sides."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    Connection,
    Row,
    Select,
    Table,
    case,
    exists,
    func,
    literal,
    select,
    update,
)

from chassis.clock import now_us
from chassis.messaging.receiving.dead_letters import DIED, MOST_ATTEMPTS, WAITING
from chassis.messaging.receiving.inbox import Inbox, InboxTables, StreamKey, stored_message
from chassis.messaging.sending.outbox import WRITTEN, OutboxTables
from chassis.messaging.sending.pending import published_events, waiting_events
from chassis.storage.audit import Audit, AuditRow
from chassis.storage.database import announce, upsert

NOBODY: Final = "*"
"""Tenant or subject of an audit row that concerns more than one of them."""


class NoSuchDeadLetter(Exception):
    """There is no open dead letter of this number."""


class Who(NamedTuple):
    """Who does it, and why; both are kept in the audit trail."""

    actor: str
    reason: str


def redrive(
    connection: Connection,
    tables: InboxTables,
    *,
    ids: Sequence[int] | None = None,
    topic: str | None = None,
    tenant_id: str | None = None,
    subject: str | None = None,
) -> int:
    """Let the worker try open dead letters again, in order; returns how many.

    One that killed its process is tried only once more; each time would cost a restart.

    Args:
        connection: a write transaction on the consumer's database.
        tables: its inbox.
        ids: only these.
        topic: only those of this topic.
        tenant_id: only those of this tenant.
        subject: only those of this subject.
    """
    dead = tables.dead
    wanted = {"topic": topic, "tenant_id": tenant_id, "subject": subject}
    chosen = [dead.c[name] == value for name, value in wanted.items() if value is not None]
    chosen += [] if ids is None else [dead.c.id.in_(ids)]
    # without a subject it is unreadable, and no attempt can change that
    statement = update(dead).where(dead.c.status.in_(WAITING), dead.c.subject.is_not(None), *chosen)
    attempts = case((dead.c.reason_code == DIED, MOST_ATTEMPTS), else_=1)
    return connection.execute(
        statement.values(status="retry", attempts=attempts, next_at=0)
    ).rowcount


def skip(  # noqa: PLR0917 - what, of whom, by whom
    connection: Connection,
    tables: InboxTables,
    audit: Table,
    row_id: int,
    who: Who,
    tenant_id: str | None = None,
) -> None:
    """Give a dead letter up: its subject goes on with the next message, which the worker applies.

    Args:
        connection: a write transaction on the consumer's database.
        tables: its inbox.
        audit: its audit table.
        row_id: the dead letter.
        who: by whom and why.
        tenant_id: it must belong to this tenant; None when it may belong to any.

    Raises:
        NoSuchDeadLetter: it is not there, or it is done or skipped already.
    """
    row = _find(connection, tables, row_id, tenant_id)
    if row.subject is None:
        _take(connection, tables, row_id)
        cause = f"dead letter {row_id} of {row.topic}/{row.part} at {row.off}: {who.reason}"
        entry = AuditRow(NOBODY, NOBODY, 0, "message.skipped", who.actor, cause, now_us())
        Audit(connection, audit).add(entry)
        return
    message = stored_message(row.topic, row.headers, row.value)
    inbox = Inbox(connection, tables, row.topic)
    stream = inbox.lock([message.stream])[message.stream]
    _take(connection, tables, row_id)  # after the lock, as the worker does: nobody deadlocks
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
        How many events of the history wait in the outbox again.
    """
    events = tables.events.c
    chosen = published_events(tables, "id").where(
        events.topic == topic, events.tenant_id == stream[0], events.subject == stream[1]
    )
    ids = connection.execute(chosen.where(events.seq >= first, events.seq <= last)).scalars().all()
    return len(publish_again(connection, tables, ids))


def sent_since(
    connection: Connection,
    tables: OutboxTables,
    topic: str,
    since_us: int,
    tenant_id: str | None = None,
    *,
    after: int = 0,
    limit: int = 200,
) -> Sequence[int]:
    """Return ids in the history of what was sent since a moment, in order.

    The relay notes its batches, not each event: what has its number between those of a batch
    counts as sent with it. That may be more than was, which harms nobody.

    Args:
        connection: any transaction on the producer's database.
        tables: its outbox.
        topic: the topic.
        since_us: the moment, microseconds UTC.
        tenant_id: only of this tenant.
        after: only ids above this one.
        limit: at most so many.
    """
    events, sent = tables.events.c, tables.sent.c
    batch = exists().where(
        sent.sent_at >= since_us, sent.first_id <= events.id, sent.last_id >= events.id
    )
    chosen = published_events(tables, "id").where(events.topic == topic, events.id > after, batch)
    chosen = _of_tenant(chosen, events.tenant_id, tenant_id)
    return connection.execute(chosen.order_by(events.id).limit(limit)).scalars().all()


def publish_again(
    connection: Connection, tables: OutboxTables, ids: Sequence[int]
) -> Sequence[Row[Any]]:
    """Put events of the history into the queue again, where the relay finds them.

    One statement, which leaves alone what waits already: two operators who do the same do it once.

    Returns:
        What waits again; less than was asked for if somebody else was faster.
    """
    if not ids:
        return []
    events, pending = tables.events, tables.pending
    # it waits from now on, whenever it was written
    chosen = select(events.c.id, literal(now_us(), BigInteger)).where(events.c.id.in_(ids))
    queued = upsert(pending, connection.dialect.name).from_select(["id", "since"], chosen)
    queued = queued.on_conflict_do_nothing().returning(pending.c.id)
    again = connection.execute(queued).scalars().all()
    if not again:
        return []
    announce(connection, WRITTEN)
    shown: Select[Any] = select(events.c.id, events.c.tenant_id, events.c.subject, events.c.seq)
    return connection.execute(shown.where(events.c.id.in_(again)).order_by(events.c.id)).all()


def release(
    connection: Connection, tables: OutboxTables, outbox_id: int, tenant_id: str | None = None
) -> bool:
    """Let a held event, and with it its subject, go on; returns whether it was held."""
    events, pending = tables.events, tables.pending
    held = update(pending).where(pending.c.id == outbox_id, pending.c.hold == 1)
    if tenant_id is not None:
        held = held.where(exists().where(events.c.id == outbox_id, events.c.tenant_id == tenant_id))
    released = connection.execute(held.values(hold=0, failures=0)).rowcount == 1
    announce(connection, WRITTEN)
    return released


def heads(
    connection: Connection, tables: OutboxTables, topic: str, tenant_id: str | None = None
) -> dict[StreamKey, int]:
    """Return the last sequence number that the producer gave each subject (of a tenant)."""
    head = tables.head.c
    chosen = select(head.tenant_id, head.subject, head.last_seq).where(head.topic == topic)
    rows = connection.execute(_of_tenant(chosen, head.tenant_id, tenant_id))
    return {(tenant, subject): last for tenant, subject, last in rows}


def unsent(
    connection: Connection, tables: OutboxTables, topic: str, tenant_id: str | None = None
) -> dict[StreamKey, int]:
    """Return the first sequence number of each subject that still waits in the outbox."""
    events = tables.events.c
    chosen = waiting_events(tables, "tenant_id", "subject").add_columns(func.min(events.seq))
    chosen = chosen.where(events.topic == topic).group_by(events.tenant_id, events.subject)
    rows = connection.execute(_of_tenant(chosen, events.tenant_id, tenant_id))
    return {(tenant, subject): first for tenant, subject, first in rows}


def marks(
    connection: Connection, tables: InboxTables, topic: str, tenant_id: str | None = None
) -> dict[StreamKey, tuple[int, int]]:
    """Return the last number applied of each subject, and the one that blocks it (or 0)."""
    streams = tables.streams.c
    columns = (streams.tenant_id, streams.subject, streams.last_seq, streams.blocked)
    chosen = select(*columns).where(streams.topic == topic)
    rows = connection.execute(_of_tenant(chosen, streams.tenant_id, tenant_id))
    return {(tenant, subject): (last, blocked) for tenant, subject, last, blocked in rows}


def _of_tenant(chosen: Any, column: Any, tenant_id: str | None) -> Any:
    return chosen if tenant_id is None else chosen.where(column == tenant_id)


def _find(
    connection: Connection, tables: InboxTables, row_id: int, tenant_id: str | None
) -> Row[Any]:
    dead = tables.dead
    wanted = [dead.c.id == row_id]
    wanted += [] if tenant_id is None else [dead.c.tenant_id == tenant_id]
    row = connection.execute(select(dead).where(*wanted)).one_or_none()
    if row is None:
        raise NoSuchDeadLetter(f"there is no open dead letter {row_id}")
    return row


def _take(connection: Connection, tables: InboxTables, row_id: int) -> None:
    """Mark a dead letter as skipped, if nobody has dealt with it before."""
    dead = tables.dead
    waiting = (dead.c.id == row_id, dead.c.status.in_(WAITING))
    if connection.execute(update(dead).where(*waiting).values(status="skipped")).rowcount != 1:
        raise NoSuchDeadLetter(f"there is no open dead letter {row_id}")
