"""The embedded broker: a partitioned log in one SQLite file, shared by many processes."""

import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import count
from pathlib import Path

from chassis.clock import new_id, now_us
from chassis.envelope import dump_headers, load_headers
from chassis.messaging.broker import (
    MAX_RECORD_BYTES,
    TP,
    BrokerUnavailable,
    Failed,
    OffsetOutOfRange,
    Ok,
    Outgoing,
    Record,
    TopicSpec,
)
from chassis.messaging.ownership import FileLock
from chassis.messaging.wakeup import BACKSTOP_SECONDS, Doorbell, ring_all
from chassis.storage.crash import crash_point

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (k TEXT PRIMARY KEY, v TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS topic (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, incarnation TEXT NOT NULL,
  partitions INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS part (topic INTEGER NOT NULL, part INTEGER NOT NULL, low INTEGER NOT NULL,
  next INTEGER NOT NULL, PRIMARY KEY (topic, part)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS log (topic INTEGER NOT NULL, part INTEGER NOT NULL, off INTEGER NOT NULL, key BLOB,
  headers TEXT NOT NULL, value BLOB NOT NULL, ts INTEGER NOT NULL, UNIQUE (topic, part, off));
"""
_TRIM_ROWS = 1_000


class LocalBroker:
    """A folder with the log, the locks of its groups and the doorbells of its consumers.

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

    def ensure_topics(self, specs: Sequence[TopicSpec]) -> None:
        """Make the topics that do not exist yet."""
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

    def partitions(self, topic: str) -> int:
        """Return how many partitions a topic has."""
        return self._topic(topic).partitions

    def incarnation(self, topic: str) -> str:
        """Return what names this very log of this topic."""
        return self._topic(topic).incarnation

    def publish(self, batch: Sequence[Outgoing], timeout: float) -> list[Ok | Failed]:
        """Append records in one transaction."""
        try:
            with self._writing(timeout) as connection:
                results = self._append(connection, batch)
                crash_point("local.before_commit")
        except BrokerUnavailable as error:
            return [Failed(str(error)) for _ in batch]
        self._wake({record.topic for record in batch})
        return results

    def reset(self) -> None:
        """Close the connection; the next use opens another."""
        with self._guard:
            self._disconnect()

    def consumer(
        self, group: str, topics: Sequence[str], start: Mapping[TP, int], *, max_records: int = 200
    ) -> "LocalConsumer":
        """Join a group; who comes first owns the partitions, the others stand by."""
        numbered = {self._topic(topic).number: topic for topic in topics}
        owned = {
            TP(topic, part): FileLock(self._folder / "locks" / group / f"{topic}-{part}.lock")
            for topic in topics
            for part in range(self.partitions(topic))
        }
        folders = [self._doorbells(topic) for topic in topics]
        bell = Doorbell.listen_in(folders, f"{group[:12]}-{new_id()[-12:]}")
        return LocalConsumer(_connect(self._folder), numbered, owned, start, bell, max_records)

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
        with self._guard, _unavailable_on_error():
            topic = self._known(self._connected(), name)
        if topic is None:
            raise BrokerUnavailable(f"there is no topic {name}")
        return topic

    @contextlib.contextmanager
    def _writing(self, timeout: float = 5.0) -> Iterator[sqlite3.Connection]:
        with self._guard, _unavailable_on_error():
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
            self._connection = _connect(self._folder)
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _wake(self, topics: set[str]) -> None:
        for topic in topics:
            ring_all(self._doorbells(topic))

    def _doorbells(self, topic: str) -> Path:
        return self._folder / "doorbells" / topic


class LocalConsumer:
    """One member of a group; holds the partitions whose locks it got."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        topics: Mapping[int, str],
        locks: Mapping[TP, FileLock],
        start: Mapping[TP, int],
        bell: Doorbell,
        max_records: int,
    ) -> None:
        """Use `LocalBroker.consumer` instead."""
        self._connection = connection
        self._topics = topics
        self._numbers = {name: number for number, name in topics.items()}
        self._locks = locks
        self._start = start
        self._bell = bell
        self._max_records = max_records
        self._positions: dict[TP, int] = {}
        self._paused: set[TP] = set()
        self._claim_again = 0.0

    def poll(self, timeout: float) -> Mapping[TP, list[Record]]:
        """Return what there is, at once if there is any, else wait for the doorbell."""
        deadline = time.monotonic() + timeout
        while True:
            self._claim()
            with _unavailable_on_error():
                found = self._read()
            left = deadline - time.monotonic()
            if found or left <= 0:
                return found
            self._bell.wait(min(left, BACKSTOP_SECONDS))

    def seek(self, tp: TP, offset: int) -> None:
        """Go on reading there."""
        if tp in self._positions:
            self._positions[tp] = offset

    def pause(self, tps: Sequence[TP]) -> None:
        """Return nothing of these partitions, and keep their locks."""
        self._paused.update(tps)

    def resume(self, tps: Sequence[TP]) -> None:
        """Return records of these partitions again."""
        self._paused.difference_update(tps)

    def assignment(self) -> frozenset[TP]:
        """Return the partitions whose locks we hold."""
        return frozenset(self._positions)

    def report_offset(self, tp: TP, offset: int) -> None:
        """Write the offset into the lock file, for people to read."""
        if tp in self._positions:
            self._locks[tp].note(f"{offset}\n")

    def end_offsets(self) -> Mapping[TP, int]:
        """Return the next offset of each of our partitions."""
        with _unavailable_on_error():
            bounds = self._bounds()
        return {tp: bounds[tp][1] for tp in self._positions}

    def close(self) -> None:
        """Give the partitions back."""
        for lock in self._locks.values():
            lock.release()
        self._positions.clear()
        self._bell.close()
        self._connection.close()

    def _claim(self) -> None:
        if len(self._positions) == len(self._locks) or time.monotonic() < self._claim_again:
            return
        self._claim_again = time.monotonic() + BACKSTOP_SECONDS
        for tp, lock in self._locks.items():
            if tp not in self._positions and lock.take():
                self._positions[tp] = self._start.get(tp, 0)

    def _read(self) -> dict[TP, list[Record]]:
        found: dict[TP, list[Record]] = {}
        room = self._max_records
        bounds = self._bounds()
        for tp in self._waiting(bounds):
            records = self._records(tp, room)
            if records:
                found[tp] = records
                room -= len(records)
                self._positions[tp] = records[-1].offset + 1
            if room <= 0:
                break
        return found

    def _waiting(self, bounds: Mapping[TP, tuple[int, int]]) -> list[TP]:
        waiting = []
        for tp, position in self._positions.items():
            low, end = bounds[tp]
            if not low <= position <= end:
                raise OffsetOutOfRange(tp, position, low, end)
            if position < end and tp not in self._paused:
                waiting.append(tp)
        # the one that is furthest behind first, so that none starves
        return sorted(waiting, key=lambda tp: self._positions[tp] - bounds[tp][1])

    def _bounds(self) -> dict[TP, tuple[int, int]]:
        rows = self._connection.execute("SELECT topic, part, low, next FROM part").fetchall()
        topics = self._topics
        return {
            TP(topics[topic], part): (low, end) for topic, part, low, end in rows if topic in topics
        }

    def _records(self, tp: TP, room: int) -> list[Record]:
        rows = self._connection.execute(
            "SELECT off, key, headers, value, ts FROM log WHERE topic = ? AND part = ? AND off >= ? ORDER BY off LIMIT ?",
            (self._numbers[tp.topic], tp.partition, self._positions[tp], room),
        ).fetchall()
        return [
            Record(tp.topic, tp.partition, offset, key, load_headers(headers), value, at)
            for offset, key, headers, value, at in rows
        ]


class _Topic:
    def __init__(self, number: int, partitions: int, incarnation: str) -> None:
        self.number = number
        self.partitions = partitions
        self.incarnation = incarnation


@lru_cache(maxsize=65_536)
def partition_of(key: bytes, partitions: int) -> int:
    """Return the partition that Kafka's default partitioner gives a key."""
    return (murmur2(key) & 0x7FFF_FFFF) % partitions


def murmur2(data: bytes) -> int:
    """Return the 32-bit murmur2 hash as Kafka computes it (seed 0x9747b28c)."""
    multiplier, mask = 0x5BD1_E995, 0xFFFF_FFFF
    hashed = (0x9747_B28C ^ len(data)) & mask
    whole = len(data) & ~3
    for start in range(0, whole, 4):
        mixed = (int.from_bytes(data[start : start + 4], "little") * multiplier) & mask
        mixed = ((mixed ^ (mixed >> 24)) * multiplier) & mask
        hashed = ((hashed * multiplier) & mask) ^ mixed
    if whole < len(data):
        hashed = ((hashed ^ int.from_bytes(data[whole:], "little")) * multiplier) & mask
    hashed = ((hashed ^ (hashed >> 13)) * multiplier) & mask
    return hashed ^ (hashed >> 15)


def _connect(folder: Path) -> sqlite3.Connection:
    folder.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(
        folder / "log.db", isolation_level=None, check_same_thread=False, timeout=5
    )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("BEGIN IMMEDIATE")
    for statement in _SCHEMA.split(";\n"):
        connection.execute(statement)
    connection.execute("INSERT INTO meta VALUES ('id', ?) ON CONFLICT DO NOTHING", (new_id(),))
    connection.execute("COMMIT")
    return connection


def _next_offset(connection: sqlite3.Connection, place: tuple[int, int]) -> int:
    row = connection.execute("SELECT next FROM part WHERE topic = ? AND part = ?", place).fetchone()
    return int(row[0])


def _trim(connection: sqlite3.Connection, topic: int, part: int, before_us: int) -> int:
    (end,) = connection.execute(
        "SELECT coalesce(max(off) + 1, 0) FROM (SELECT off, ts FROM log WHERE topic = ? AND part = ? "
        "ORDER BY off LIMIT ?) WHERE ts < ?",
        (topic, part, _TRIM_ROWS, before_us),
    ).fetchone()
    gone = connection.execute(
        "DELETE FROM log WHERE topic = ? AND part = ? AND off < ?", (topic, part, end)
    ).rowcount
    connection.execute(
        "UPDATE part SET low = max(low, ?) WHERE topic = ? AND part = ?", (end, topic, part)
    )
    return gone


@contextlib.contextmanager
def _unavailable_on_error() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise BrokerUnavailable(f"the local log cannot be used now: {error}") from error
