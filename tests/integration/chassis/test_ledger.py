"""The ledger finds each lie that it is told about outbox and log."""

from dataclasses import replace

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from tests.faults.chassis.toy import ORDERS
from tests.integration.chassis.pipeline import Pipeline
from tests.support.ledger import Ledger

from chassis.messaging.partitioner import partition_of
from chassis.messaging.port import Outgoing

SENTENCES = (
    "is not in the log",
    "comes after #2",
    "is not what it was before",
    "is not where its stream is",
    "was written by nobody",
)


def test_an_event_cannot_be_written_twice(pipeline: Pipeline) -> None:
    pipeline.place("chair")
    pipeline.travel()
    assert pipeline.findings() == []

    events = pipeline.shop.outbox.events
    names = [column.name for column in events.c if column.name != "id"]
    copied = insert(events).from_select(names, select(*(events.c[name] for name in names)))
    with pytest.raises(IntegrityError), pipeline.shop.database.write() as connection:
        connection.execute(copied)


def test_what_was_sent_and_is_not_in_the_log_is_lost(pipeline: Pipeline) -> None:
    pipeline.place("chair")
    pipeline.take_from_outbox("chair", 1)

    assert _findings(pipeline) == ["is not in the log"]


def test_a_key_keeps_its_order_in_the_log(pipeline: Pipeline) -> None:
    pipeline.place("chair", revisions=2)
    first, second = (pipeline.take_from_outbox("chair", number) for number in (1, 2))

    pipeline.inject(second, first)

    assert _findings(pipeline) == ["comes after #2"]
    assert _findings(pipeline, "chair") == []


def test_what_is_repeated_says_the_same_again(pipeline: Pipeline) -> None:
    pipeline.place("chair")
    record = pipeline.take_from_outbox("chair", 1)
    pipeline.inject(record, record)
    assert _findings(pipeline) == []

    pipeline.inject(replace(record, value=b"{}"))

    assert _findings(pipeline) == ["is not what it was before"]


def test_a_key_stays_in_its_partition(pipeline: Pipeline) -> None:
    pipeline.place("chair", revisions=2)
    first, second = (pipeline.take_from_outbox("chair", number) for number in (1, 2))
    count = pipeline.shop.log.partitions(ORDERS)
    names = (b"%d" % number for number in range(100))
    other = next(name for name in names if _part(name, count) != _part(first.key, count))

    pipeline.inject(first, replace(second, key=other))

    assert "is not where its stream is" in _findings(pipeline)


def test_nothing_is_in_the_log_that_nobody_wrote(pipeline: Pipeline) -> None:
    pipeline.place("chair")
    record = pipeline.take_from_outbox("chair", 1)
    headers = tuple((n, b"nobody" if n == "ce_id" else c) for n, c in record.headers)

    pipeline.inject(record, Outgoing(record.topic, record.key, headers, record.value))

    assert _findings(pipeline) == ["was written by nobody"]


def _part(key: bytes | None, count: int) -> int:
    assert key
    return partition_of(key, count)


def _findings(pipeline: Pipeline, *shuffled: str) -> list[str]:
    """Which of the sentences we know were said, in order."""
    ledger = Ledger([pipeline.shop.party(), pipeline.mill.party()], pipeline.shop.log)
    found = ledger.check_log(shuffled)
    return [next(known for known in SENTENCES if known in one) for one in found]
