"""Members of a group, as the contract tests need them."""

import contextlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tests.support.waiting import eventually

from chassis.messaging.port import (
    TP,
    Broker,
    BrokerUnavailable,
    Consumer,
    Ok,
    Outgoing,
    Record,
)

SECONDS = 30.0


def record(
    topic: str, key: bytes | None, value: bytes = b"{}", *headers: tuple[str, bytes | None]
) -> Outgoing:
    return Outgoing(topic, key, headers, value)


def published(broker: Broker, *records: Outgoing) -> list[Ok]:
    """Publish, and insist that it worked."""
    results = broker.publish(records, SECONDS)
    done = [result for result in results if isinstance(result, Ok)]
    assert len(done) == len(records), results
    return done


def read(consumer: Consumer, count: int) -> list[Record]:
    """Read until so many records are there."""
    found: list[Record] = []

    def enough() -> bool:
        for records in consumer.poll(0.1).values():
            found.extend(records)
        return len(found) >= count

    eventually(enough, within=SECONDS, what=f"{count} records")
    return found


def owning(consumer: Consumer, count: int) -> frozenset[TP]:
    """Wait until a member has so many partitions."""

    def polled() -> bool:
        consumer.poll(0.05)
        return len(consumer.assignment()) == count

    eventually(polled, within=SECONDS, what=f"{count} partitions")
    return consumer.assignment()


@contextmanager
def member(
    broker: Broker,
    topic: str,
    group: str = "g",
    start: Mapping[TP, int] | None = None,
    max_records: int = 200,
) -> Iterator[Consumer]:
    """Join a group of this topic for the length of a block."""
    beginning = {TP(topic, part): 0 for part in range(broker.partitions(topic))}
    consumer = broker.consumer(
        f"{group}-{topic}", [topic], start or beginning, max_records=max_records
    )
    try:
        yield consumer
    finally:
        consumer.close()


def polled(consumer: Consumer) -> list[bytes]:
    """Read once; a server that just comes back may still refuse."""
    with contextlib.suppress(BrokerUnavailable):
        return [one.value for records in consumer.poll(0.1).values() for one in records]
    return []
