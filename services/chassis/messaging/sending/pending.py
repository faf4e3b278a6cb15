"""What the relay and the operator say to the outbox tables."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, delete, exists, select, update

from chassis.messaging.sending.outbox import OutboxTables
from chassis.storage.bulk import among, tuples
from chassis.storage.crash import crash_point
from chassis.storage.database import upsert

PRUNE_ROWS = 1_000
DIALECTS = ("sqlite", "postgresql")


class PendingEvents:
    """The outbox seen from its far end; statements are built once."""

    def __init__(self, tables: OutboxTables) -> None:
        """Bind it to a service's tables."""
        self._tables = tables

    def pending(self, connection: Connection, limit: int) -> Sequence[Row[Any]]:
        """Return the oldest events that nothing holds back."""
        return connection.execute(self._pending, {"limit": limit}).all()

    def move_to_sent(
        self, connection: Connection, ids: Sequence[int], now_us: int, crash: str = ""
    ) -> None:
        """Move published events into the history."""
        dialect, key = connection.dialect.name, (self._tables.outbox.c.id,)
        chosen = tuples(key, dialect, ((number,) for number in ids))
        connection.execute(self._copy[dialect], chosen | {"now": now_us})
        crash_point(crash)
        connection.execute(self._remove[dialect], chosen)

    def count_failure(self, connection: Connection, row_id: int, limit: int) -> bool:
        """Count a refused event; hold it at the limit and say so."""
        outbox = self._tables.outbox
        statement = (
            update(outbox).where(outbox.c.id == row_id).values(failures=outbox.c.failures + 1)
        )
        failures = connection.execute(statement.returning(outbox.c.failures)).scalar_one()
        if failures >= limit:
            connection.execute(update(outbox).where(outbox.c.id == row_id).values(hold=1))
        return bool(failures >= limit)

    def prune(self, connection: Connection, before_us: int) -> int:
        """Forget the oldest history, at most 1,000 events at a time."""
        sent = self._tables.sent
        oldest = select(sent.c.id).order_by(sent.c.id).limit(PRUNE_ROWS)
        statement = delete(sent).where(sent.c.id.in_(oldest), sent.c.sent_at < before_us)
        return connection.execute(statement).rowcount

    @cached_property
    def _pending(self) -> Select[Any]:
        outbox, held = self._tables.outbox, self._tables.outbox.alias("held")
        same = and_(
            held.c.topic == outbox.c.topic,
            held.c.tenant_id == outbox.c.tenant_id,
            held.c.subject == outbox.c.subject,
        )
        columns = outbox.c
        chosen = select(
            columns.id,
            columns.event_id,
            columns.topic,
            columns.tenant_id,
            columns.subject,
            columns.headers,
            columns.payload,
        )
        free = ~exists().where(held.c.hold == 1, same)
        return chosen.where(columns.hold == 0, free).order_by(columns.id).limit(bindparam("limit"))

    @cached_property
    def _copy(self) -> dict[str, Any]:
        return {dialect: self._copy_for(dialect) for dialect in DIALECTS}

    def _copy_for(self, dialect: str) -> Any:
        outbox, names = self._tables.outbox, [column.name for column in self._tables.sent.c][:-1]
        chosen = select(*(outbox.c[name] for name in names), bindparam("now"))
        chosen = chosen.where(among((outbox.c.id,), dialect))
        return (
            upsert(self._tables.sent, dialect)
            .from_select([*names, "sent_at"], chosen)
            .on_conflict_do_nothing()
        )

    @cached_property
    def _remove(self) -> dict[str, Any]:
        outbox = self._tables.outbox
        return {
            dialect: delete(outbox).where(among((outbox.c.id,), dialect)) for dialect in DIALECTS
        }
