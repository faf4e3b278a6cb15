"""The local log laid open: a test may repeat, shuffle, remove and forge records in it."""

import random
import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from chassis.envelope import Headers, dump_headers, load_headers
from chassis.messaging.broker import Broker, Outgoing

Place = tuple[int, int, int]


@dataclass(frozen=True)
class Kept:
    """A record of the log and where it is."""

    place: Place
    key: bytes
    headers: Headers
    value: bytes

    def header(self, name: str) -> str:
        return (dict(self.headers)[name] or b"").decode()

    @property
    def case_id(self) -> str:
        return self.header("ce_subject")

    @property
    def sequence(self) -> int:
        return int(self.header("ce_sequence"))


class Topics:
    """All topics of a running product."""

    def __init__(self, data: Path, broker: Broker) -> None:
        self._path = data / "events" / "log.db"
        self._broker = broker

    def read(self, topic: str) -> list[Kept]:
        """Everything that the topic holds, in order."""
        with closing(self._open()) as connection:
            rows = connection.execute(
                "SELECT l.topic, l.part, l.off, l.key, l.headers, l.value FROM log l "
                "JOIN topic t ON t.id = l.topic WHERE t.name = ? ORDER BY 1, 2, 3",
                (topic,),
            ).fetchall()
        return [
            Kept((number, part, offset), key or b"", load_headers(headers), bytes(value))
            for number, part, offset, key, headers, value in rows
        ]

    def append(self, topic: str, records: Sequence[Kept]) -> None:
        """Writes records as a producer would, and rings."""
        batch = [Outgoing(topic, kept.key, kept.headers, kept.value) for kept in records]
        self._broker.publish(batch, 5.0)

    def repeat(self, topic: str, chance: random.Random, since: int = 0) -> int:
        """Appends each record up to four times more, in disorder; returns how many."""
        records = self.read(topic)[since:]
        more = [kept for kept in records for _ in range(chance.randint(1, 4))]
        chance.shuffle(more)
        self.append(topic, more)
        return len(more)

    def shuffle(self, records: Sequence[Kept], chance: random.Random) -> None:
        """Gives records each other's places, within each partition."""
        for part in {kept.place[:2] for kept in records}:
            mine = [kept for kept in records if kept.place[:2] == part]
            moved = chance.sample(mine, len(mine))
            self._rewrite(
                [replace(kept, place=old.place) for kept, old in zip(moved, mine, strict=True)]
            )

    def remove(self, kept: Kept) -> None:
        """Takes a record away, as if it had never been written."""
        with closing(self._open()) as connection:
            statement = "DELETE FROM log WHERE topic = ? AND part = ? AND off = ?"
            assert connection.execute(statement, kept.place).rowcount == 1

    def copies(self, topic: str, chosen: Callable[[Kept], bool] = lambda _: True) -> int:
        """How many records say again what another has said."""
        often = Counter(kept.header("ce_id") for kept in self.read(topic) if chosen(kept))
        return sum(often.values()) - len(often)

    def _rewrite(self, records: Sequence[Kept]) -> None:
        with closing(self._open()) as connection:
            connection.executemany(
                "UPDATE log SET key = ?, headers = ?, value = ? "
                "WHERE topic = ? AND part = ? AND off = ?",
                [(r.key, dump_headers(r.headers), r.value, *r.place) for r in records],
            )

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, isolation_level=None, timeout=10)
