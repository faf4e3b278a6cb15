"""Reads the log as an outsider, whichever broker keeps it."""

import sys
import time
from collections.abc import Iterator, Mapping, Sequence

from chassis.clock import new_id
from chassis.envelope import UnreadableMessage, parse
from chassis.messaging.broker import TP, Broker, Record
from chassis.storage.inbox import StreamKey

_READ_SECONDS = 60.0


def read_log(
    broker: Broker, topic: str, start: Mapping[TP, int] | None = None
) -> Iterator[tuple[StreamKey, int]]:
    """Read a topic as an outsider; yields stream and sequence number of each readable record."""
    for record in read_records(broker, [topic], start):
        try:
            message = parse(record)
        except UnreadableMessage:  # in no stream
            continue
        yield message.stream, message.sequence


def read_records(
    broker: Broker, topics: Sequence[str], start: Mapping[TP, int] | None = None
) -> Iterator[Record]:
    """Read topics as an outsider, from their beginning or from `start` to where they end now.

    Raises:
        TimeoutError: the end was not reached within a minute.
    """
    reached = dict(start or {})
    wanted = {TP(topic, part) for topic in topics for part in range(broker.partitions(topic))}
    consumer = broker.consumer(f"ledger-{new_id()}", topics, reached.copy())
    deadline = time.monotonic() + _READ_SECONDS
    try:
        while True:
            for tp, records in consumer.poll(0.1).items():
                reached[tp] = records[-1].offset + 1
                yield from records
            ends = consumer.end_offsets()  # of partitions that are ours already
            behind = {tp for tp in wanted if reached.get(tp, 0) < ends.get(tp, sys.maxsize)}
            if not behind:
                return
            if time.monotonic() > deadline:
                raise TimeoutError(f"the log was not read to its end: {sorted(behind)}")
    finally:
        consumer.close()
