"""Reads the log as an outsider, whichever broker keeps it."""

import time
from collections.abc import Iterator, Mapping, Sequence

from chassis.clock import new_id
from chassis.envelope import UnreadableMessage, parse
from chassis.messaging.port import TP, Broker, Record
from chassis.messaging.receiving.inbox import StreamKey

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
    """Read topics as an outsider, from `start` (or what is left of them) to where they end now.

    Raises:
        TimeoutError: the end was not reached within a minute.
    """
    reached, ends = _span(broker, topics, start or {})
    deadline = time.monotonic() + _READ_SECONDS
    if all(reached[tp] >= end for tp, end in ends.items()):
        return
    consumer = broker.consumer(f"ledger-{new_id()}", topics, reached.copy())
    try:
        while behind := [tp for tp, end in ends.items() if reached[tp] < end]:
            if time.monotonic() > deadline:
                raise TimeoutError(f"the log was not read to its end: {behind}")
            for tp, records in consumer.poll(0.1).items():
                reached[tp] = records[-1].offset + 1
                yield from records
    finally:
        consumer.close()


def _span(
    broker: Broker, topics: Sequence[str], start: Mapping[TP, int]
) -> tuple[dict[TP, int], dict[TP, int]]:
    """Where to begin, and where each partition ends at this moment."""
    bounds = {
        TP(topic, part): span for topic in topics for part, span in broker.bounds(topic).items()
    }
    begin = {tp: max(low, start.get(tp, 0)) for tp, (low, _) in bounds.items()}
    return begin, {tp: end for tp, (_, end) in bounds.items()}
