"""The log laid open: a test may read, repeat, shuffle and forge records of it."""

import random
from collections.abc import Iterable, Sequence
from typing import Any

from tests.support.log import read_records

from chassis.envelope import load_headers, record_key
from chassis.messaging.port import Broker, Ok, Outgoing, Record


class Topics:
    """All topics of a running product."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def read(self, topic: str) -> list[Record]:
        """Everything that the topic holds, in order."""
        found = read_records(self._broker, [topic])
        return sorted(found, key=lambda record: (record.partition, record.offset))

    def append(self, records: Iterable[Outgoing]) -> None:
        """Writes records as a producer would."""
        results = self._broker.publish(list(records), 10.0)
        assert all(isinstance(result, Ok) for result in results), results

    def repeat(self, topic: str, chance: random.Random) -> int:
        """Appends each record up to four times more, in disorder; returns how many."""
        more = [record for record in self.read(topic) for _ in range(chance.randint(1, 4))]
        chance.shuffle(more)
        self.append(again(record) for record in more)
        return len(more)

    def sent(self, topic: str) -> list[tuple[str, int]]:
        """Case and number of each event, as often as it was sent; what is no event is left out."""
        events = (record for record in self.read(topic) if "ce_sequence" in dict(record.headers))
        return [(case_of(record), sequence_of(record)) for record in events]

    def places(self, topic: str) -> set[tuple[str, int]]:
        """Which events the topic has: case and number."""
        return set(self.sent(topic))


def again(record: Record) -> Outgoing:
    """What a producer sends that repeats itself."""
    return Outgoing(record.topic, record.key, record.headers, record.value)


def waiting(rows: Sequence[Any]) -> list[Outgoing]:
    """What the relay will send of these rows of an outbox."""
    return [
        Outgoing(
            row.topic,
            record_key(row.tenant_id, row.subject).encode(),
            load_headers(row.headers),
            bytes(row.payload),
        )
        for row in rows
    ]


def header(record: Record | Outgoing, name: str) -> str:
    return (dict(record.headers)[name] or b"").decode()


def case_of(record: Record | Outgoing) -> str:
    return header(record, "ce_subject")


def sequence_of(record: Record | Outgoing) -> int:
    return int(header(record, "ce_sequence"))
