"""What the relay reads from the outbox tables and writes to them."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    insert,
    select,
    text,
    update,
)

from chassis.messaging.sending.outbox import OutboxTables
from chassis.storage.bulk import among, tuples
from chassis.storage.crash import crash_point

PRUNE_ROWS = 1_000
DIALECTS = ("sqlite", "postgresql")
_SHOWN: Final = ("id", "event_id", "topic", "tenant_id", "subject", "headers", "payload")

_FIRST: Final = text(
    f"SELECT {', '.join(f'e.{name}' for name in _SHOWN)}, "  # noqa: S608 - names of our own
    "EXISTS (SELECT 1 FROM outbox_pending WHERE hold = 1) AS some_held "
    "FROM (SELECT id FROM outbox_pending ORDER BY id LIMIT :limit) AS p "
    "JOIN outbox AS e ON e.id = p.id ORDER BY e.id"
)
_MARK: Final = text(
    "WITH gone AS (DELETE FROM outbox_pending WHERE id = ANY(:ids)) "
    "INSERT INTO outbox_sent (sent_at, first_id, last_id) SELECT :now, :first, :last "
    # a mark that a power cut undoes costs no more than a second sending
    "FROM set_config('synchronous_commit', 'off', true) ON CONFLICT DO NOTHING"
)


class PendingEvents:
    """The outbox as its relay sees it; statements are built once."""

    def __init__(self, tables: OutboxTables) -> None:
        """Bind it to a service's tables."""
        self._tables = tables

    def pending(self, connection: Connection, limit: int) -> Sequence[Row[Any]]:
        """Return the oldest events that nothing holds back."""
        rows = connection.execute(_FIRST, {"limit": limit}).all()
        if rows and rows[0].some_held:
            return connection.execute(self._unheld, {"limit": limit}).all()
        return rows

    def mark_sent(
        self, connection: Connection, ids: Sequence[int], now_us: int, crash: str = ""
    ) -> None:
        """Note that these events are published; on Postgres the mark need not be durable."""
        first, last = min(ids), max(ids)
        if connection.dialect.name == "postgresql":
            values = {"ids": list(ids), "now": now_us, "first": first, "last": last}
            connection.execute(_MARK, values)
            crash_point(crash)
            return
        sent = {"sent_at": now_us, "first_id": first, "last_id": last}
        connection.execute(self._note, sent)
        crash_point(crash)
        pending = self._tables.pending
        chosen = tuples((pending.c.id,), "sqlite", ((number,) for number in ids))
        connection.execute(self._remove, chosen)

    def count_failure(self, connection: Connection, row_id: int, limit: int) -> bool:
        """Count a refused event; hold it at the limit and say so."""
        pending = self._tables.pending
        mine = pending.c.id == row_id
        counted = update(pending).where(mine).values(failures=pending.c.failures + 1)
        failures = connection.execute(counted.returning(pending.c.failures)).scalar_one()
        if failures >= limit:
            connection.execute(update(pending).where(mine).values(hold=1))
        return bool(failures >= limit)

    def prune(self, connection: Connection, before_us: int) -> int:
        """Forget the oldest history, at most 1,000 events at a time; returns how many."""
        events, sent = self._tables.events, self._tables.sent
        history = published_events(self._tables, "id").order_by(events.c.id).limit(PRUNE_ROWS)
        old = (events.c.id.in_(history), events.c.created_at < before_us)
        gone = connection.execute(delete(events).where(*old)).rowcount
        connection.execute(delete(sent).where(sent.c.sent_at < before_us))
        return gone

    @cached_property
    def _unheld(self) -> Select[Any]:
        """Select what is pending, leaving out each stream that has an event on hold."""
        events, pending = self._tables.events, self._tables.pending
        held = stream_of_held(self._tables)
        same = and_(
            held.c.topic == events.c.topic,
            held.c.tenant_id == events.c.tenant_id,
            held.c.subject == events.c.subject,
        )
        chosen = select(*(events.c[name] for name in _SHOWN))
        chosen = chosen.join(pending, pending.c.id == events.c.id)
        free = ~exists().select_from(held).where(same)
        return chosen.where(free).order_by(events.c.id).limit(bindparam("limit"))

    @cached_property
    def _note(self) -> Any:
        return insert(self._tables.sent).prefix_with("OR IGNORE")

    @cached_property
    def _remove(self) -> Any:
        pending = self._tables.pending
        return delete(pending).where(among((pending.c.id,), "sqlite"))


def is_pending(tables: OutboxTables) -> Any:
    """Return the condition that an event is still to be published."""
    pending = tables.pending
    return exists().where(pending.c.id == tables.events.c.id)


def stream_of_held(tables: OutboxTables) -> Any:
    """Return topic, tenant and subject of each event on hold, as a subquery."""
    events, pending = tables.events.alias(), tables.pending.alias()
    chosen = select(events.c.topic, events.c.tenant_id, events.c.subject)
    return chosen.join(pending, pending.c.id == events.c.id).where(pending.c.hold == 1).subquery()


def waiting_events(tables: OutboxTables, *columns: str) -> Select[Any]:
    """Select columns of the events that are still to be published, by name; all if none is named.

    `since`, `failures` and `hold` are those of the queue.
    """
    events, pending = tables.events, tables.pending
    both: dict[str, Any] = {column.name: column for column in events.c}
    both |= {name: pending.c[name] for name in ("since", "failures", "hold")}
    chosen = select(*(both[name] for name in columns or both))
    return chosen.select_from(events.join(pending, pending.c.id == events.c.id))


def published_events(tables: OutboxTables, *columns: str) -> Select[Any]:
    """Select columns of the events that were published, by name; all if none is named."""
    events = tables.events
    chosen = select(*(events.c[name] for name in columns)) if columns else select(events)
    return chosen.where(~is_pending(tables))
