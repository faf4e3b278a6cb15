"""Dead letters: messages that could not be applied, kept as rows beside everything else."""

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Row, Table, and_, bindparam, case, select, update

from chassis.clock import now_us
from chassis.envelope import Message, RawRecord, dump_headers
from chassis.messaging.receiving.inbox import InboxTables
from chassis.storage.database import add_if_absent

WAITING: Final = ("open", "retry")
"""What a dead letter may be before somebody or something has done with it."""
MOST_ATTEMPTS = 5
DIED = "process-died"
"""The reason code of a message that has killed its process."""
DUE_ROWS = 10


class DeadLetters:
    """The dead letters of one service, seen from within one transaction."""

    def __init__(self, connection: Connection, tables: InboxTables) -> None:
        """Bind them to a transaction that somebody else opened and will close."""
        self._connection = connection
        self._dead = tables.dead

    def add(
        self,
        message: Message,
        bus_id: str,
        verdict: tuple[str, str, str],
        *,
        attempts: int,
        next_at: int,
    ) -> bool:
        """Keep a message that could not be applied; returns whether it is there for the first time.

        Args:
            message: what could not be applied.
            bus_id: the log that it came from.
            verdict: reason code, reason, status (`retry` or `open`).
            attempts: how often it was tried.
            next_at: when to try again, microseconds UTC.
        """
        code, reason, status = verdict
        fate = {
            "reason_code": code,
            "reason": reason,
            "status": status,
            "attempts": attempts,
            "next_at": next_at,
        }
        if self._insert(_row(message, bus_id) | fate):
            return True
        self._connection.execute(_reopen(self._dead), fate | _stream_of(message))
        return False

    def add_unreadable(self, record: RawRecord, bus_id: str, reason: str) -> None:
        """Keep a record whose headers do not even say whom it concerns."""
        fate = {
            "reason_code": "unreadable-headers",
            "reason": reason,
            "status": "open",
            "attempts": 1,
            "next_at": 0,
        }
        self._insert(_place(record, bus_id) | fate)

    def due(self, topics: Collection[str], now: int) -> Sequence[Row[Any]]:
        """Return the dead letters whose time to be tried again has come."""
        return self._connection.execute(
            _due(self._dead), {"topics": list(topics), "now": now}
        ).all()

    def claim(self, row_id: int, seen: int, next_at: int) -> bool:
        """Count an attempt before it is made, so that one that kills the process is counted too."""
        values = {"b_id": row_id, "b_seen": seen, "b_next_at": next_at}
        return self._connection.execute(_claim(self._dead), values).rowcount == 1

    def unclaim(self, row_id: int, claimed: int) -> None:
        """Take back the count of an attempt that could not be made, unless others were there since.

        Args:
            row_id: the dead letter.
            claimed: its attempts, that one included.
        """
        dead = self._dead
        mine = (dead.c.id == row_id, dead.c.attempts == claimed, dead.c.status.in_(WAITING))
        values = {"attempts": claimed - 1, "status": "retry"}
        self._connection.execute(update(dead).where(*mine).values(values))

    def settle(
        self, row_id: int, status: str, code: str | None = None, reason: str | None = None
    ) -> None:
        """Write down how an attempt ended, unless somebody has given the message up meanwhile."""
        dead = self._dead
        values = {"status": status} | ({"reason_code": code, "reason": reason} if code else {})
        mine = (dead.c.id == row_id, dead.c.status.in_(WAITING))
        self._connection.execute(update(dead).where(*mine).values(values))

    def _insert(self, row: dict[str, Any]) -> bool:
        statement = add_if_absent(self._dead, self._connection.dialect.name)
        return self._connection.execute(statement, row | {"created_at": now_us()}).rowcount == 1


def _row(message: Message, bus_id: str) -> dict[str, Any]:
    place: dict[str, Any] = {"bus_id": None, "part": None, "off": None}
    if message.offset >= 0:
        place = {"bus_id": bus_id, "part": message.partition, "off": message.offset}
    return place | {
        "topic": message.topic,
        "tenant_id": message.tenant_id,
        "subject": message.subject,
        "seq": message.sequence,
        "headers": dump_headers(message.headers),
        "value": message.data,
    }


def _place(record: RawRecord, bus_id: str) -> dict[str, Any]:
    return {
        "topic": record.topic,
        "bus_id": bus_id,
        "part": record.partition,
        "off": record.offset,
        "headers": dump_headers(record.headers),
        "value": record.value,
    }


def _stream_of(message: Message) -> dict[str, Any]:
    return {
        "b_topic": message.topic,
        "b_tenant": message.tenant_id,
        "b_subject": message.subject,
        "b_seq": message.sequence,
    }


@cache
def _reopen(dead: Table) -> Any:
    columns = dead.c
    mine = and_(
        columns.topic == bindparam("b_topic"),
        columns.tenant_id == bindparam("b_tenant"),
        columns.subject == bindparam("b_subject"),
        columns.seq == bindparam("b_seq"),
    )
    names = ("reason_code", "reason", "status", "attempts", "next_at")
    return update(dead).where(mine).values({name: bindparam(name) for name in names})


@cache
def _due(dead: Table) -> Any:
    columns = dead.c
    mine = and_(columns.topic.in_(bindparam("topics", expanding=True)), columns.status == "retry")
    return (
        select(dead)
        .where(mine, columns.next_at <= bindparam("now"))
        .order_by(columns.next_at)
        .limit(DUE_ROWS)
    )


@cache
def _claim(dead: Table) -> Any:
    columns = dead.c
    tried = columns.attempts + 1
    mine = and_(
        columns.id == bindparam("b_id"),
        columns.status == "retry",
        columns.attempts == bindparam("b_seen"),
    )
    status = case((tried > MOST_ATTEMPTS, "open"), else_=columns.status)
    return (
        update(dead)
        .where(mine)
        .values(attempts=tried, status=status, next_at=bindparam("b_next_at"))
    )
