"""What only the embedded broker has: its file and its retention."""

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.messaging.local import LocalBroker
from chassis.messaging.port import TP, OffsetOutOfRange, Ok, Outgoing, TopicSpec

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # its own way of reading its own files

LONG_AGO, FAR_AHEAD = 0, 2**62


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[LocalBroker]:
    made = LocalBroker(tmp_path / "log")
    made.ensure_topics([TopicSpec("t", partitions=1)])
    yield made
    made.close()


def publish(broker: LocalBroker, count: int) -> None:
    results = broker.publish([Outgoing("t", b"k", (), b"x")] * count, 5)
    assert all(isinstance(result, Ok) for result in results)


def test_offsets_are_never_given_twice_even_after_all_is_trimmed(broker: LocalBroker) -> None:
    publish(broker, 5)
    assert broker.trim("t", FAR_AHEAD) == 5
    publish(broker, 1)
    consumer = broker.consumer("g", ["t"], {TP("t", 0): 5})
    ((found,),) = consumer.poll(0).values()
    assert found.offset == 5
    consumer.seek(TP("t", 0), 0)
    with pytest.raises(OffsetOutOfRange):
        consumer.poll(0)
    consumer.close()


def test_what_is_young_stays(broker: LocalBroker) -> None:
    publish(broker, 5)
    assert broker.trim("t", LONG_AGO) == 0


def test_old_records_go_by_themselves(broker: LocalBroker, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(broker, 5)
    monkeypatch.setattr("chassis.messaging.local.broker._KEEP_US", -1_000_000)
    monkeypatch.setattr(broker, "_trim_at", 0.0)
    publish(broker, 1)
    consumer = broker.consumer("g", ["t"], {TP("t", 0): 5})
    with pytest.raises(OffsetOutOfRange):
        consumer.poll(0)
    consumer.close()
