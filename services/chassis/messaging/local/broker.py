"""The embedded broker: a partitioned log in one SQLite file, shared by many processes."""

import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path

from chassis.clock import new_id, now_us
from chassis.envelope import dump_headers
from chassis.messaging.local.consumer import LocalConsumer
from chassis.messaging.local.file import connect, unavailable_on_error
from chassis.messaging.partitioner import partition_of
from chassis.messaging.port import (
    MAX_RECORD_BYTES,
    TP,
    BrokerUnavailable,
    Failed,
    Ok,
    Outgoing,
    TopicSpec,
)
from chassis.messaging.wakeup import WakeupListener, notify_all
from chassis.storage.crash import crash_point
from chassis.storage.ownership import FileLock

_TRIM_ROWS = 1_000
_TRIM_SECONDS = 3_600.0
_KEEP_US = 14 * 24 * 3_600 * 1_000_000


class LocalBroker:
    """A folder with the log, the locks of its groups and the wake-up sockets of its consumers.

    An offset is given inside the transaction that appends, so commit order is offset order and
    there are no gaps. WAL and synchronous=FULL: what `publish` calls Ok survives a power cut.
    """

    def __init__(self, folder: Path) -> None:
        """Name the folder; it is made at first use."""
        self._folder = folder
        self._guard = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._topics: dict[str, _Topic] = {}
        self._unkeyed = count()
        self._trim_at = time.monotonic() + _TRIM_SECONDS

    def ensure_topics(self, specs: Sequence[TopicSpec]) -> list[str]:
        """Make the topics that do not exist yet; returns their names."""
        names = []
        with self._writing() as connection:
            for spec in specs:
                made = connection.execute(
                    "INSERT INTO topic (name, incarnation, partitions) VALUES (?, ?, ?) "
                    "ON CONFLICT DO NOTHING RETURNING id",
                    (spec.name, new_id(), spec.partitions),
                ).fetchone()
                if made:
                    rows = [(made[0], part) for part in range(spec.partitions)]
                    connection.executemany("INSERT INTO part VALUES (?, ?, 0, 0)", rows)
                    names.append(spec.name)
        return names

    def brokers(self) -> int:
        """Return one: there is a single file."""
        return 1

    def described(self, topic: str) -> TopicSpec:
        """Return what a topic is like; but for the partitions all are alike."""
        return TopicSpec(topic, self.partitions(topic))

    def partitions(self, topic: str) -> int:
        """Return how many partitions a topic has."""
        return self._topic(topic).partitions

    def incarnation(self, topic: str) -> str:
        """Return what names this very log of this topic."""
        return self._topic(topic).incarnation

    def bounds(self, topic: str) -> Mapping[int, tuple[int, int]]:
        """Return the first offset and the end of each partition."""
        number = self._topic(topic).number
        with self._guard, unavailable_on_error():
            rows = self._connected().execute(
                "SELECT part, low, next FROM part WHERE topic = ?", (number,)
            )
            return {part: (low, end) for part, low, end in rows}

    def publish(self, batch: Sequence[Outgoing], timeout: float) -> list[Ok | Failed]:
        """Append records in one transaction."""
        try:
            with self._writing(timeout) as connection:
                results = self._append(connection, batch)
                crash_point("local.before_commit")
        except BrokerUnavailable as error:
            return [Failed(str(error)) for _ in batch]
        topics = {record.topic for record in batch}
        self._wake(topics)
        if time.monotonic() > self._trim_at:
            self._forget_old(topics)
        return results

    def reset(self) -> None:
        """Close the connection; the next use opens another."""
        with self._guard:
            self._disconnect()

    def consumer(
        self, group: str, topics: Sequence[str], start: Mapping[TP, int], *, max_records: int = 200
    ) -> LocalConsumer:
        """Join a group; who comes first owns the partitions, the others stand by."""
        numbered = {self._topic(topic).number: topic for topic in topics}
        owned = {
            TP(topic, part): FileLock(self._folder / "locks" / group / f"{topic}-{part}.lock")
            for topic in topics
            for part in range(self.partitions(topic))
        }
        folders = [self._listeners(topic) for topic in topics]
        listener = WakeupListener.listen_in(folders, f"{group[:12]}-{new_id()[-12:]}")
        return LocalConsumer(connect(self._folder), numbered, owned, start, listener, max_records)

    def trim(self, topic: str, before_us: int) -> int:
        """Remove up to 1,000 records of each partition that are older; returns how many went."""
        number = self._topic(topic).number
        with self._writing() as connection:
            return sum(
                _trim(connection, number, part, before_us) for part in range(self.partitions(topic))
            )

    def close(self) -> None:
        """Close the connection."""
        self.reset()

    def _forget_old(self, topics: set[str]) -> None:
        """Once an hour; a consumer that was away for 14 days stops, and is told why."""
        self._trim_at = time.monotonic() + _TRIM_SECONDS
        with contextlib.suppress(BrokerUnavailable):  # then in an hour
            for topic in topics & self._topics.keys():
                self.trim(topic, now_us() - _KEEP_US)

    def _append(
        self, connection: sqlite3.Connection, batch: Sequence[Outgoing]
    ) -> list[Ok | Failed]:
        heads: dict[tuple[int, int], int] = {}
        rows = []
        results: list[Ok | Failed] = []
        for record in batch:
            placed = self._place(connection, record, heads)
            results.append(placed[1])
            rows.extend(placed[0])
        connection.executemany("INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        moved = [(following, *place) for place, following in heads.items()]
        connection.executemany("UPDATE part SET next = ? WHERE topic = ? AND part = ?", moved)
        return results

    def _place(
        self, connection: sqlite3.Connection, record: Outgoing, heads: dict[tuple[int, int], int]
    ) -> tuple[list[tuple[object, ...]], Ok | Failed]:
        headers = dump_headers(record.headers)
        if len(record.value) + len(record.key or b"") + len(headers) > MAX_RECORD_BYTES:
            return [], Failed("the record is larger than 1 MiB", "record")
        if any(value is None for _, value in record.headers):
            return [], Failed("a header has no value", "record")  # as Kafka's client has it
        topic = self._known(connection, record.topic)
        if topic is None:
            return [], Failed(f"there is no topic {record.topic}")
        part = (
            next(self._unkeyed) % topic.partitions
            if record.key is None
            else partition_of(record.key, topic.partitions)
        )
        place = (topic.number, part)
        offset = heads[place] if place in heads else _next_offset(connection, place)
        heads[place] = offset + 1
        return [(*place, offset, record.key, headers, record.value, now_us())], Ok(part, offset)

    def _known(self, connection: sqlite3.Connection, name: str) -> "_Topic | None":
        if name not in self._topics:
            row = connection.execute(
                "SELECT t.id, t.partitions, m.v || '/' || t.incarnation FROM topic t, meta m "
                "WHERE t.name = ? AND m.k = 'id'",
                (name,),
            ).fetchone()
            if row is None:
                return None
            self._topics[name] = _Topic(*row)
        return self._topics[name]

    def _topic(self, name: str) -> "_Topic":
        if name in self._topics:
            return self._topics[name]
        with self._guard, unavailable_on_error():
            topic = self._known(self._connected(), name)
        if topic is None:
            raise BrokerUnavailable(f"there is no topic {name}")
        return topic

    @contextlib.contextmanager
    def _writing(self, timeout: float = 5.0) -> Iterator[sqlite3.Connection]:
        with self._guard, unavailable_on_error():
            connection = self._connected()
            try:
                connection.execute(f"PRAGMA busy_timeout = {int(timeout * 1_000)}")
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                self._disconnect()  # rolls back; whatever was wrong with it, the next one is new
                raise

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = connect(self._folder)
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _wake(self, topics: set[str]) -> None:
        for topic in topics:
            notify_all(self._listeners(topic))

    def _listeners(self, topic: str) -> Path:
        return self._folder / "wakeup" / topic


class _Topic:
    def __init__(self, number: int, partitions: int, incarnation: str) -> None:
        self.number = number
        self.partitions = partitions
        self.incarnation = incarnation


def _next_offset(connection: sqlite3.Connection, place: tuple[int, int]) -> int:
    row = connection.execute("SELECT next FROM part WHERE topic = ? AND part = ?", place).fetchone()
    return int(row[0])


def _trim(connection: sqlite3.Connection, topic: int, part: int, before_us: int) -> int:
    (end,) = connection.execute(
        "SELECT coalesce(max(off) + 1, 0) FROM "
        "(SELECT off, ts FROM log WHERE topic = ? AND part = ? ORDER BY off LIMIT ?) WHERE ts < ?",
        (topic, part, _TRIM_ROWS, before_us),
    ).fetchone()
    gone = connection.execute(
        "DELETE FROM log WHERE topic = ? AND part = ? AND off < ?", (topic, part, end)
    ).rowcount
    connection.execute(
        "UPDATE part SET low = max(low, ?) WHERE topic = ? AND part = ?", (end, topic, part)
    )
    return gone
