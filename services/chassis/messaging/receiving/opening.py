"""Opens a batch's transaction: offsets move on, streams are locked and read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from chassis.messaging.receiving.inbox import Inbox, Stream, StreamKey
from chassis.messaging.receiving.offsets import Move, Offsets


@dataclass(frozen=True, slots=True)
class Opened:
    """What a transaction finds when it begins.

    Attributes:
        streams: how far each subject of the batch has come; locked.
        any_parked: whether anything at all waits in this topic.
    """

    streams: dict[StreamKey, Stream]
    any_parked: bool


def open_batch(
    inbox: Inbox, bus_id: str, moves: Sequence[Move], keys: Iterable[StreamKey]
) -> Opened | None:
    """Move the offsets on, and lock and read the streams of these subjects.

    One statement on Postgres.

    Returns:
        None if an offset is not where we think it is: somebody else reads a partition too. Then
        some partitions may have moved: roll back.
    """
    # sorted: everybody locks in the same order, so nobody deadlocks
    wanted = sorted(set(keys))
    if inbox.connection.dialect.name == "postgresql":
        return _open_at_once(inbox, bus_id, moves, wanted)
    if not Offsets(inbox.connection, inbox.tables, bus_id, inbox.topic).advance(moves):
        return None
    if not wanted:
        return Opened({}, any_parked=False)
    return Opened(inbox.lock(wanted), inbox.any_parked())


def _open_at_once(
    inbox: Inbox, bus_id: str, moves: Sequence[Move], keys: Sequence[StreamKey]
) -> Opened | None:
    values = {
        "bus": bus_id,
        "topic": inbox.topic,
        "part": [move.part for move in moves],
        "was": [move.position for move in moves],
        "following": [move.following for move in moves],
        "moves": len(moves),
        "tenants": [tenant for tenant, _ in keys],
        "subjects": [subject for _, subject in keys],
    }
    rows = inbox.connection.exec_driver_sql(_OPEN, values).all()
    moved, parked = rows[0][:2]
    if moved != len(moves):
        return None
    streams = {
        (tenant, subject): Stream(last, blocked, event)
        for _, _, tenant, subject, last, blocked, event in rows
        if tenant is not None
    }
    return Opened(streams, bool(parked))


_OPEN: Final = (
    "WITH moved AS (UPDATE consumer_offset AS place SET next_offset = given.following "
    "FROM unnest(%(part)s::integer[], %(was)s::bigint[], %(following)s::bigint[]) "
    "AS given (part, was, following) WHERE place.bus_id = %(bus)s AND place.topic = %(topic)s "
    "AND place.part = given.part AND place.next_offset = given.was RETURNING 1), "
    "locked AS (INSERT INTO inbox_stream AS stream (topic, tenant_id, subject) "
    "SELECT %(topic)s, tenant_id, subject "
    "FROM unnest(%(tenants)s::text[], %(subjects)s::text[]) AS given (tenant_id, subject) "
    # counted here, so that no stream is touched before all offsets have moved
    "WHERE (SELECT count(*) FROM moved) = %(moves)s ON CONFLICT (topic, tenant_id, subject) "
    "DO UPDATE SET last_seq = stream.last_seq "
    "RETURNING tenant_id, subject, last_seq, blocked, last_event_id) "
    "SELECT (SELECT count(*) FROM moved), "
    "EXISTS (SELECT 1 FROM inbox_parked WHERE topic = %(topic)s), locked.* "
    "FROM (SELECT 1) AS one LEFT JOIN locked ON true"
)
