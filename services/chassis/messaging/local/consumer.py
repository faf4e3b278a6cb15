"""A member of a group on the local log."""

import sqlite3
import time
from collections.abc import Mapping

from chassis.envelope import load_headers
from chassis.messaging.local.file import unavailable_on_error
from chassis.messaging.port import TP, OffsetOutOfRange, Record
from chassis.messaging.wakeup import BACKSTOP_SECONDS, WakeupListener
from chassis.storage.ownership import FileLock


class LocalConsumer:
    """One member of a group; holds the partitions whose locks it got."""

    def __init__(  # noqa: PLR0917 - made in one place only
        self,
        connection: sqlite3.Connection,
        topics: Mapping[int, str],
        locks: Mapping[TP, FileLock],
        start: Mapping[TP, int],
        listener: WakeupListener,
        max_records: int,
    ) -> None:
        """Use `LocalBroker.consumer` instead."""
        self._connection = connection
        self._topics = topics
        self._numbers = {name: number for number, name in topics.items()}
        self._locks = locks
        self._start = start
        self._listener = listener
        self._max_records = max_records
        self._positions: dict[TP, int] = {}
        self._paused = False
        self._claim_again = 0.0

    def poll(self, timeout: float) -> Mapping[TP, list[Record]]:
        """Return what there is, at once if there is any, else wait for a wake-up."""
        deadline = time.monotonic() + timeout
        while True:
            self._claim()
            with unavailable_on_error():
                found = self._read()
            left = deadline - time.monotonic()
            if found or left <= 0:
                return found
            self._listener.wait(min(left, BACKSTOP_SECONDS))

    def seek(self, tp: TP, offset: int) -> None:
        """Go on reading there."""
        if tp in self._positions:
            self._positions[tp] = offset

    def pause(self) -> None:
        """Return nothing until `resume`, and keep our locks."""
        self._paused = True

    def resume(self) -> None:
        """Return records again."""
        self._paused = False

    def assignment(self) -> frozenset[TP]:
        """Return the partitions whose locks we hold."""
        return frozenset(self._positions)

    def report_offset(self, tp: TP, offset: int) -> None:
        """Write the offset into the lock file, for people to read."""
        if tp in self._positions:
            self._locks[tp].note(f"{offset}\n")

    def end_offsets(self) -> Mapping[TP, int]:
        """Return the next offset of each of our partitions."""
        with unavailable_on_error():
            bounds = self._bounds()
        return {tp: bounds[tp][1] for tp in self._positions}

    def incarnations(self) -> Mapping[str, str]:
        """Return what names each log that we read."""
        with unavailable_on_error():
            rows = self._connection.execute(
                "SELECT t.name, m.v || '/' || t.incarnation FROM topic t, meta m WHERE m.k = 'id'"
            ).fetchall()
        return {name: incarnation for name, incarnation in rows if name in self._numbers}

    def close(self) -> None:
        """Give the partitions back."""
        for lock in self._locks.values():
            lock.release()
        self._positions.clear()
        self._listener.close()
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
            if position < end and not self._paused:
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
            "SELECT off, key, headers, value, ts FROM log "
            "WHERE topic = ? AND part = ? AND off >= ? ORDER BY off LIMIT ?",
            (self._numbers[tp.topic], tp.partition, self._positions[tp], room),
        ).fetchall()
        return [
            Record(tp.topic, tp.partition, offset, key, load_headers(headers), value, at)
            for offset, key, headers, value, at in rows
        ]
