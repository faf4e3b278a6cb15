"""How a service's road stands: what waits, for how long, and what is in its way; cheap to ask."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import Connection, Table, func, select

from chassis.clock import now_us
from chassis.messaging.broker import Broker
from chassis.messaging.dead_letters import WAITING
from chassis.storage.inbox import InboxTables
from chassis.storage.outbox import OutboxTables

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
    connection: Connection, outbox: OutboxTables, inbox: InboxTables, topics: Sequence[str]
) -> Figures:
    """Ask the tables of one service; none of the statements looks at history.

    Args:
        connection: any transaction on its database.
        outbox: its producing side.
        inbox: its consuming side.
        topics: what it reads.
    """
    now = now_us()
    dead = _dead(connection, inbox.dead, topics)
    return Figures(
        pending=_count(connection, outbox.outbox),
        oldest_age=_age(now, _oldest_pending(connection, outbox.outbox)),
        held=_held(connection, outbox.outbox),
        parked=_count(connection, inbox.parked),
        parked_age=_age(now, _oldest_parked(connection, inbox.parked)),
        dead=dead,
        blocked=_blocked(connection, inbox.dead, topics) if dead else 0,
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


def _count(connection: Connection, table: Table) -> int:
    some = select(table.primary_key.columns[0]).limit(MOST_COUNTED + 1).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one()


def _oldest_pending(connection: Connection, outbox: Table) -> int | None:
    first = select(outbox.c.created_at).where(outbox.c.hold == 0).order_by(outbox.c.id).limit(1)
    return connection.execute(first).scalar()


def _oldest_parked(connection: Connection, parked: Table) -> int | None:
    some = select(parked.c.parked_at).limit(_SAMPLE).subquery()
    return connection.execute(select(func.min(some.c.parked_at))).scalar()


def _held(connection: Connection, outbox: Table) -> int:
    columns = (outbox.c.topic, outbox.c.tenant_id, outbox.c.subject)
    streams = select(*columns).where(outbox.c.hold == 1).distinct().subquery()
    return connection.execute(select(func.count()).select_from(streams)).scalar_one()


def _dead(connection: Connection, dead: Table, topics: Sequence[str]) -> dict[tuple[str, str], int]:
    columns = (dead.c.status, dead.c.reason_code)
    waiting = (dead.c.topic.in_(topics), dead.c.status.in_(WAITING))
    rows = connection.execute(select(*columns, func.count()).where(*waiting).group_by(*columns))
    return {(status, code): count for status, code, count in rows}


def _blocked(connection: Connection, dead: Table, topics: Sequence[str]) -> int:
    columns = (dead.c.topic, dead.c.tenant_id, dead.c.subject)
    waiting = (dead.c.topic.in_(topics), dead.c.status.in_(WAITING), dead.c.subject.is_not(None))
    streams = select(*columns).where(*waiting).distinct().subquery()
    return connection.execute(select(func.count()).select_from(streams)).scalar_one()
