"""What an operator does to one service: in small transactions, each with its rows of audit."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import Connection, Row, Select, Table, delete, func, insert, select

from chassis.clock import now_us
from chassis.messaging.operating import dead_letters
from chassis.messaging.operating.dead_letters import NOBODY, Who
from chassis.messaging.port import Broker
from chassis.messaging.receiving.dead_letters import WAITING
from chassis.messaging.receiving.inbox import InboxTables, StreamKey, stored_message
from chassis.messaging.sending.outbox import OutboxTables
from chassis.storage.audit import Audit, AuditRow
from chassis.storage.database import Database

AT_ONCE: Final = 200
"""Rows per transaction: a database of one writer lets others in between."""
_STEP: Final = 50
T = TypeVar("T")
Progress = Callable[[int, int], None]
"""Called with how much of how much is done."""


def unheard(_done: int, _of: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Tables:
    """What an operator works on.

    Attributes:
        database: the service's own.
        outbox: its producing side.
        inbox: its consuming side.
        audit: where each action is written down.
    """

    database: Database
    outbox: OutboxTables
    inbox: InboxTables
    audit: Table


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which dead letters are meant; None means any."""

    row_id: int | None = None
    tenant_id: str | None = None
    topic: str | None = None
    subject: str | None = None
    reason_code: str | None = None
    statuses: Sequence[str] = WAITING

    def conditions(self, dead: Table) -> list[Any]:
        """Return the conditions of a statement."""
        named = {
            "id": self.row_id,
            "tenant_id": self.tenant_id,
            "topic": self.topic,
            "subject": self.subject,
            "reason_code": self.reason_code,
        }
        chosen = [dead.c[name] == value for name, value in named.items() if value is not None]
        return [*chosen, dead.c.status.in_(self.statuses)]


class Span(NamedTuple):
    """Events of one subject, from a sequence number to another, both included."""

    topic: str
    tenant_id: str
    subject: str
    first: int
    last: int


@dataclass(frozen=True)
class Operator:
    """Somebody who acts.

    Attributes:
        tables: on what.
        who: who it is, and why.
        tenant_id: for which tenant; None for all of them.
        progress: called after each transaction.
    """

    tables: Tables
    who: Who
    tenant_id: str | None
    progress: Progress = unheard

    def redrive(self, wanted: Wanted) -> int:
        """Let the worker try dead letters again; returns how many."""
        with self.tables.database.read() as connection:
            dead = self.tables.inbox.dead
            chosen = select(dead.c.id).where(*wanted.conditions(dead), dead.c.subject.is_not(None))
            ids = connection.execute(chosen.order_by(dead.c.id)).scalars().all()
        return self._each(ids, self._redrive)

    def skip(self, row_id: int) -> None:
        """Give one dead letter up.

        Raises:
            NoSuchDeadLetter: it is not there, not this tenant's, or done already.
        """
        tables = self.tables
        with tables.database.write() as connection:
            dead_letters.skip(
                connection, tables.inbox, tables.audit, row_id, self.who, self.tenant_id
            )

    def read(self, row_id: int) -> None:
        """Write down that somebody looked at the body of a dead letter."""
        with self.tables.database.write() as connection:
            for row in self._letters(connection, [row_id], statuses=None):
                self._audit(connection, [self._of_letter(row, "message.read")])

    def republish(self, spans: Sequence[Span]) -> int:
        """Publish events of some subjects again; returns how many were in the history."""
        steps = [step for span in spans for step in _steps(span)]
        return self._each(steps, self._republish, at_once=20)

    def republish_since(self, topic: str, since_us: int) -> int:
        """Publish again what was sent since a moment (microseconds UTC); returns how many."""
        # looked up first and without a lock: history is long, and a write shuts others out
        ids = list(self._sent_since(topic, since_us))
        return self._each(ids, lambda connection, some: self._move_back(connection, topic, some))

    def release(self, outbox_id: int) -> bool:
        """Let a held event go on; returns whether it was held."""
        tables = self.tables
        outbox = tables.outbox.outbox
        with tables.database.write() as connection:
            row = connection.execute(select(outbox).where(outbox.c.id == outbox_id)).one_or_none()
            if row is None or not dead_letters.release(
                connection, tables.outbox, outbox_id, self.tenant_id
            ):
                return False
            message = stored_message(row.topic, row.headers, b"")
            cause = f"{message.event_id}: {self.who.reason}"
            key = (row.tenant_id, row.subject)
            self._audit(connection, [self._row(key, message.revision, "event.released", cause)])
        return True

    def reset_offsets(self, broker: Broker, topic: str) -> dict[int, int]:
        """Read a topic from the beginning of its log; what was applied is dropped as duplicate.

        A worker that runs notices by itself; one that had stopped for it can be started.

        Returns:
            The new position by partition.

        Raises:
            BrokerUnavailable: the log cannot be asked now.
        """
        bus_id = broker.incarnation(topic)
        starts = {part: low for part, (low, _) in broker.bounds(topic).items()}
        offsets = self.tables.inbox.offsets
        rows = [
            {"bus_id": bus_id, "topic": topic, "part": part, "next_offset": low}
            for part, low in sorted(starts.items())
        ]
        with self.tables.database.write() as connection:
            connection.execute(delete(offsets).where(offsets.c.topic == topic))
            connection.execute(insert(offsets), rows)
            cause = f"{topic} to {starts}: {self.who.reason}"
            self._audit(connection, [self._row((NOBODY, NOBODY), 0, "offsets.reset", cause)])
        return starts

    def _each(
        self,
        things: Sequence[T],
        work: Callable[[Connection, Sequence[T]], int],
        *,
        at_once: int = AT_ONCE,
    ) -> int:
        done = 0
        for start in range(0, len(things), at_once):
            with self.tables.database.write() as connection:
                done += work(connection, things[start : start + at_once])
            self.progress(min(start + at_once, len(things)), len(things))
        return done

    def _redrive(self, connection: Connection, ids: Sequence[int]) -> int:
        rows = self._letters(connection, ids)
        dead_letters.redrive(connection, self.tables.inbox, ids=[row.id for row in rows])
        self._audit(connection, [self._of_letter(row, "message.redriven") for row in rows])
        return len(rows)

    def _republish(self, connection: Connection, spans: Sequence[Span]) -> int:
        done = 0
        for span in spans:
            key = (span.tenant_id, span.subject)
            moved = dead_letters.republish(
                connection, self.tables.outbox, span.topic, key, span.first, span.last
            )
            done += moved
            if moved:
                which = f"{span.topic} {span.first}..{span.last}, {moved} events"
                cause = f"{which}: {self.who.reason}"
                self._audit(connection, [self._row(key, 0, "events.republished", cause)])
        return done

    def _move_back(self, connection: Connection, topic: str, ids: Sequence[int]) -> int:
        moved = dead_letters.move_back(connection, self.tables.outbox, ids)
        for tenant, count in sorted(Counter(row.tenant_id for row in moved).items()):
            cause = f"{topic}, {count} events: {self.who.reason}"
            self._audit(connection, [self._row((tenant, NOBODY), 0, "events.republished", cause)])
        return len(moved)

    def _sent_since(self, topic: str, since_us: int) -> Iterator[int]:
        after, outbox = 0, self.tables.outbox
        with self.tables.database.read() as connection:
            while True:
                found = dead_letters.sent_since(
                    connection, outbox, topic, since_us, self.tenant_id, after=after, limit=10_000
                )
                yield from found
                if not found:
                    return
                after = found[-1]

    def _letters(
        self, connection: Connection, ids: Sequence[int], statuses: Sequence[str] | None = WAITING
    ) -> Sequence[Row[Any]]:
        dead = self.tables.inbox.dead
        columns = (dead.c.id, dead.c.topic, dead.c.tenant_id, dead.c.subject, dead.c.headers)
        chosen: Select[Any] = select(*columns).where(dead.c.id.in_(ids))
        if statuses is not None:
            chosen = chosen.where(dead.c.status.in_(statuses))
        if self.tenant_id is not None:
            chosen = chosen.where(dead.c.tenant_id == self.tenant_id)
        return connection.execute(chosen.order_by(dead.c.id)).all()

    def _of_letter(self, row: Row[Any], action: str) -> AuditRow:
        if row.subject is None:
            cause = f"dead letter {row.id} of {row.topic}: {self.who.reason}"
            return self._row((NOBODY, NOBODY), 0, action, cause)
        message = stored_message(row.topic, row.headers, b"")
        cause = f"{message.event_id}: {self.who.reason}"
        return self._row(message.stream, message.revision, action, cause)

    def _row(self, key: StreamKey, revision: int, action: str, cause: str) -> AuditRow:
        return AuditRow(*key, revision, action, self.who.actor, cause, now_us())

    def _audit(self, connection: Connection, rows: Sequence[AuditRow]) -> None:
        Audit(connection, self.tables.audit).add_all(rows)


def newest(tables: Tables, topic: str, key: StreamKey) -> int:
    """Return the last sequence number that was given to a subject, 0 if none was."""
    head = tables.outbox.head.c
    mine = (head.topic == topic, head.tenant_id == key[0], head.subject == key[1])
    with tables.database.read() as connection:
        return connection.execute(select(head.last_seq).where(*mine)).scalar() or 0


def letters(tables: Tables, wanted: Wanted, limit: int) -> Sequence[Row[Any]]:
    """Return dead letters without their bodies, the newest first."""
    dead = tables.inbox.dead
    columns = [column for column in dead.c if column.name != "value"]
    chosen: Select[Any] = select(*columns, func.length(dead.c.value).label("bytes"))
    chosen = chosen.where(*wanted.conditions(dead)).order_by(dead.c.id.desc()).limit(limit)
    with tables.database.read() as connection:
        return connection.execute(chosen).all()


def body(tables: Tables, row_id: int) -> bytes:
    """Return the body of a dead letter; `Operator.read` writes down that it was looked at."""
    dead = tables.inbox.dead
    with tables.database.read() as connection:
        found = connection.execute(select(dead.c.value).where(dead.c.id == row_id)).scalar_one()
    return bytes(found)


def held(tables: Tables, tenant_id: str | None, limit: int) -> Sequence[Row[Any]]:
    """Return the events that the broker has refused for good, without their bodies."""
    outbox = tables.outbox.outbox
    columns = [column for column in outbox.c if column.name not in {"payload", "hold"}]
    chosen: Select[Any] = select(*columns, func.length(outbox.c.payload).label("bytes"))
    chosen = chosen.where(outbox.c.hold == 1)
    if tenant_id is not None:
        chosen = chosen.where(outbox.c.tenant_id == tenant_id)
    with tables.database.read() as connection:
        return connection.execute(chosen.order_by(outbox.c.id).limit(limit)).all()


def parked(tables: Tables, tenant_id: str | None, older_us: int, limit: int) -> Sequence[Row[Any]]:
    """Return subjects with messages that have waited for their predecessors since a moment.

    Those that wait behind a dead letter are left out: it is the letter that needs somebody.
    """
    waiting, streams = tables.inbox.parked, tables.inbox.streams
    same = [waiting.c[name] == streams.c[name] for name in ("topic", "tenant_id", "subject")]
    key = (waiting.c.topic, waiting.c.tenant_id, waiting.c.subject)
    since = func.min(waiting.c.parked_at)
    chosen = (
        select(*key, func.min(waiting.c.seq).label("first"), func.count().label("messages"))
        .add_columns(since.label("since"), streams.c.last_seq)
        .join(streams, same[0] & same[1] & same[2])
        .where(streams.c.blocked == 0)
        .group_by(*key, streams.c.last_seq)
        .having(since <= older_us)
    )
    if tenant_id is not None:
        chosen = chosen.where(waiting.c.tenant_id == tenant_id)
    with tables.database.read() as connection:
        return connection.execute(chosen.order_by(since).limit(limit)).all()


def _steps(span: Span) -> Iterable[Span]:
    """Cut a long span into pieces of one transaction each."""
    for first in range(span.first, span.last + 1, _STEP):
        yield span._replace(first=first, last=min(first + _STEP - 1, span.last))
