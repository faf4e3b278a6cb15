"""The state of a delivery: what waits, for how long, and what blocks it; cheap to ask."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import Connection, Select, Table, func, select

from chassis.clock import now_us
from chassis.messaging.port import Broker
from chassis.messaging.receiving.dead_letters import WAITING
from chassis.messaging.receiving.inbox import InboxTables
from chassis.messaging.sending.outbox import OutboxTables

MOST_COUNTED: Final = 100_000
"""Beyond this it is *very many*; nobody needs the exact figure, and it costs nothing to stop."""
_SAMPLE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Figures:
    """What the tables say at one moment; ages are in seconds, 0 when nothing waits.

    Attributes:
        pending: events that wait for the broker, 100,001 when there are more than 100,000.
        oldest_age: how long the first of them waits; held ones do not count.
        held: subjects whose next event the broker refuses for good.
        parked: messages that wait for their predecessors, counted like `pending`.
        parked_age: how long the first of them waits.
        dead: dead letters that nobody has dealt with, by status and reason code.
        blocked: subjects that wait behind one.
    """

    pending: int
    oldest_age: float
    held: int
    parked: int
    parked_age: float
    dead: Mapping[tuple[str, str], int]
    blocked: int

    def quarantined(self) -> int:
        """Return how many dead letters wait."""
        return sum(self.dead.values())


@dataclass(frozen=True, slots=True)
class Place:
    """Where a consumer stands in one partition.

    Attributes:
        topic: the topic.
        partition: its number.
        position: the next offset to read.
        end: the offset that the next record will get.
        state: `ok`; `out-of-range`: the log does not reach back to our position; `replaced`: our
            offsets belong to another log of this name; `new`: nothing was ever read here.
    """

    topic: str
    partition: int
    position: int
    end: int
    state: Literal["ok", "out-of-range", "replaced", "new"]

    @property
    def lag(self) -> int:
        """How many records are still to be read."""
        return max(0, self.end - self.position)


def read_figures(
    connection: Connection,
    outbox: OutboxTables,
    inbox: InboxTables,
    topics: Sequence[str],
    tenant_id: str | None = None,
) -> Figures:
    """Ask the tables of one service; none of the statements looks at history.

    Args:
        connection: any transaction on its database.
        outbox: its producing side.
        inbox: its consuming side.
        topics: what it reads.
        tenant_id: whose; None for everybody's.
    """
    now, sent = now_us(), _Of(connection, outbox.outbox, tenant_id)
    parked, dead = (_Of(connection, table, tenant_id) for table in (inbox.parked, inbox.dead))
    letters = _dead(dead, topics)
    return Figures(
        pending=_count(sent),
        oldest_age=_age(now, _oldest_pending(sent)),
        held=_held(sent),
        parked=_count(parked),
        parked_age=_age(now, _oldest_parked(parked)),
        dead=letters,
        blocked=_blocked(dead, topics) if letters else 0,
    )


def places(
    connection: Connection, inbox: InboxTables, broker: Broker, topics: Sequence[str]
) -> list[Place]:
    """Compare where a consumer stands with what the log holds.

    Args:
        connection: any transaction on the consumer's database.
        inbox: its inbox.
        broker: asked for the bounds of each topic.
        topics: what it reads.

    Raises:
        BrokerUnavailable: the log cannot be asked now.
    """
    return [place for topic in topics for place in _places(connection, inbox, broker, topic)]


def _places(connection: Connection, inbox: InboxTables, broker: Broker, topic: str) -> list[Place]:
    offsets, bus_id = inbox.offsets.c, broker.incarnation(topic)
    rows = connection.execute(
        select(offsets.bus_id, offsets.part, offsets.next_offset).where(offsets.topic == topic)
    ).all()
    ours = {row.part: row.next_offset for row in rows if row.bus_id == bus_id}
    missing: Any = "replaced" if rows and not ours else "new"
    found = []
    for part, (low, end) in sorted(broker.bounds(topic).items()):
        position = ours.get(part)
        if position is None:
            found.append(Place(topic, part, low, end, missing))
        else:
            state: Any = "ok" if low <= position <= end else "out-of-range"
            found.append(Place(topic, part, position, end, state))
    return found


def _age(now: int, since: int | None) -> float:
    return 0.0 if since is None else max(0.0, (now - since) / 1_000_000)


@dataclass(frozen=True, slots=True)
class _Of:
    """The rows of a table that are counted: of one tenant, or everybody's."""

    connection: Connection
    table: Table
    tenant_id: str | None

    @property
    def streams(self) -> tuple[Any, ...]:
        columns = self.table.c
        return (columns.topic, columns.tenant_id, columns.subject)

    def where(self, chosen: Select[Any]) -> Select[Any]:
        """Leave out what is somebody else's."""
        whose = self.table.c.tenant_id
        return chosen if self.tenant_id is None else chosen.where(whose == self.tenant_id)

    def first(self, chosen: Select[Any]) -> Any:
        """Return the first value of the first row, None without one."""
        return self.connection.execute(chosen).scalar()


def _count(rows: _Of) -> int:
    some = rows.where(select(rows.table.primary_key.columns[0])).limit(MOST_COUNTED + 1)
    return int(rows.first(select(func.count()).select_from(some.subquery())))


def _oldest_pending(outbox: _Of) -> int | None:
    columns = outbox.table.c
    waiting = outbox.where(select(columns.created_at).where(columns.hold == 0))
    oldest: int | None = outbox.first(waiting.order_by(columns.id).limit(1))
    return oldest


def _oldest_parked(parked: _Of) -> int | None:
    some = parked.where(select(parked.table.c.parked_at)).limit(_SAMPLE).subquery()
    oldest: int | None = parked.first(select(func.min(some.c.parked_at)))
    return oldest


def _held(outbox: _Of) -> int:
    held = outbox.where(select(*outbox.streams).where(outbox.table.c.hold == 1)).distinct()
    return int(outbox.first(select(func.count()).select_from(held.subquery())))


def _dead(dead: _Of, topics: Sequence[str]) -> dict[tuple[str, str], int]:
    columns = (dead.table.c.status, dead.table.c.reason_code)
    waiting = dead.where(select(*columns, func.count()).where(*_waiting(dead.table, topics)))
    rows = dead.connection.execute(waiting.group_by(*columns))
    return {(status, code): count for status, code, count in rows}


def _blocked(dead: _Of, topics: Sequence[str]) -> int:
    named = (*_waiting(dead.table, topics), dead.table.c.subject.is_not(None))
    blocked = dead.where(select(*dead.streams).where(*named)).distinct()
    return int(dead.first(select(func.count()).select_from(blocked.subquery())))


def _waiting(dead: Table, topics: Sequence[str]) -> tuple[Any, ...]:
    return (dead.c.topic.in_(topics), dead.c.status.in_(WAITING))
