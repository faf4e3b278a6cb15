"""What every broker owes: the embedded one and a real Kafka, by the same tests."""

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contracts.broker import program
from tests.contracts.broker.group import SECONDS, member, owning, published, read, record
from tests.support.processes import processes
from tests.support.waiting import eventually

from chassis.messaging.port import (
    TP,
    Broker,
    BrokerUnavailable,
    Consumer,
    Failed,
    OffsetOutOfRange,
    Outgoing,
    TopicSpec,
)

OpenBroker = Callable[[], Broker]


def test_records_of_one_key_keep_their_order(broker: Broker, topic: str) -> None:
    sent = [record(topic, b"key-%d" % (number % 7), b"%d" % number) for number in range(300)]
    for start in range(0, 300, 50):
        published(broker, *sent[start : start + 50])
    with member(broker, topic) as consumer:
        found = read(consumer, 300)
    by_key = defaultdict(list)
    for one in found:
        by_key[one.key].append(int(one.value))
    assert all(numbers == sorted(numbers) for numbers in by_key.values())
    assert sorted(number for numbers in by_key.values() for number in numbers) == list(range(300))


def test_a_key_has_one_partition_and_several_are_used(broker: Broker, topic: str) -> None:
    done = published(broker, *(record(topic, b"key-%d" % (number % 30)) for number in range(90)))
    by_key = defaultdict(set)
    for number, result in enumerate(done):
        by_key[number % 30].add(result.partition)
    assert all(len(partitions) == 1 for partitions in by_key.values())
    assert {result.partition for result in done} == {0, 1, 2}


def test_offsets_grow_by_one_and_survive_a_restart(opened: OpenBroker, topic: str) -> None:
    first = published(opened(), *(record(topic, b"k") for _ in range(3)))
    again = opened()
    second = published(again, *(record(topic, b"k") for _ in range(3)))
    assert [result.offset for result in first + second] == [0, 1, 2, 3, 4, 5]
    with member(again, topic) as consumer:
        assert [one.offset for one in read(consumer, 6)] == [0, 1, 2, 3, 4, 5]


def test_the_incarnation_is_the_same_for_everybody_and_another_for_another_topic(
    opened: OpenBroker, topic: str
) -> None:
    one, other = opened(), opened()
    one.ensure_topics([TopicSpec(f"{topic}-2")])
    assert one.incarnation(topic) == other.incarnation(topic)
    assert one.incarnation(topic) != one.incarnation(f"{topic}-2")


def test_a_member_knows_which_logs_it_reads(broker: Broker, topic: str) -> None:
    with member(broker, topic) as consumer:
        owning(consumer, 3)
        assert consumer.incarnations() == {topic: broker.incarnation(topic)}


def test_making_a_topic_again_changes_nothing(broker: Broker, topic: str) -> None:
    published(broker, record(topic, b"k"))
    before = broker.incarnation(topic)
    broker.ensure_topics([TopicSpec(topic, partitions=3)])
    assert (broker.incarnation(topic), broker.partitions(topic)) == (before, 3)
    with member(broker, topic) as consumer:
        assert len(read(consumer, 1)) == 1


def test_a_topic_is_described_as_it_was_made(broker: Broker, topic: str) -> None:
    assert broker.brokers() == 1
    assert broker.described(topic) == TopicSpec(topic, partitions=3)


def test_a_topic_that_nobody_made_is_refused(broker: Broker) -> None:
    (result,) = broker.publish([record("nobody-made-this", b"k")], 1.0)
    assert isinstance(result, Failed)
    assert result.scope == "topic"
    with pytest.raises(BrokerUnavailable):
        broker.partitions("nobody-made-this")
    with pytest.raises(BrokerUnavailable):
        broker.described("nobody-made-this")


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    value=st.binary(max_size=2_000),
    key=st.none() | st.binary(max_size=50),
    headers=st.lists(
        st.tuples(
            st.text(st.characters(codec="utf-8"), min_size=1, max_size=20), st.binary(max_size=50)
        ),
        max_size=5,
    ),
)
def test_bytes_and_headers_arrive_unchanged(
    broker: Broker,
    topic: str,
    value: bytes,
    key: bytes | None,
    headers: list[tuple[str, bytes]],
) -> None:
    (done,) = published(broker, Outgoing(topic, key, headers, value))
    place = TP(topic, done.partition)
    ends = {TP(topic, part): 0 for part in range(3)} | {place: done.offset}
    with member(broker, topic, group=f"g-{done.partition}-{done.offset}", start=ends) as consumer:
        found = next(
            one
            for one in read(consumer, 1)
            if (one.partition, one.offset) == (done.partition, done.offset)
        )
    assert (found.key, list(found.headers), found.value) == (key, headers, value)


def test_a_header_without_a_value_is_refused(broker: Broker, topic: str) -> None:
    (refused,) = broker.publish([record(topic, b"k", b"a", ("h", None))], SECONDS)
    assert isinstance(refused, Failed)
    assert refused.scope == "record"


def test_a_record_without_a_key_finds_a_partition(broker: Broker, topic: str) -> None:
    published(broker, record(topic, None, b"a"), record(topic, None, b"b"))
    with member(broker, topic) as consumer:
        assert {one.value for one in read(consumer, 2)} == {b"a", b"b"}


def test_a_record_of_900_kb_passes_and_a_larger_one_fails_alone(broker: Broker, topic: str) -> None:
    sent = [
        record(topic, b"a", b"x" * 900_000),
        record(topic, b"b", b"x" * 1_100_000),
        record(topic, b"c"),
    ]
    results = broker.publish(sent, SECONDS)
    assert [isinstance(result, Failed) for result in results][:2] == [False, True]
    assert isinstance(results[1], Failed)
    assert results[1].scope == "record"
    published(broker, record(topic, b"d"))
    with member(broker, topic) as consumer:
        assert len(next(one for one in read(consumer, 1) if one.key == b"a").value) == 900_000


def test_publishing_goes_on_after_a_reset(broker: Broker, topic: str) -> None:
    published(broker, record(topic, b"k", b"before"))
    broker.reset()
    published(broker, record(topic, b"k", b"after"))
    with member(broker, topic) as consumer:
        assert [one.value for one in read(consumer, 2)] == [b"before", b"after"]


def test_reading_begins_where_it_is_told(broker: Broker, topic: str) -> None:
    done = published(broker, *(record(topic, b"k", b"%d" % number) for number in range(10)))
    place = TP(topic, done[0].partition)
    start = {TP(topic, part): 0 for part in range(3)} | {place: 7}
    with member(broker, topic, start=start) as consumer:
        assert [one.value for one in read(consumer, 3)] == [b"7", b"8", b"9"]


def test_one_can_seek_back_and_to_the_end(broker: Broker, topic: str) -> None:
    done = published(broker, *(record(topic, b"k", b"%d" % number) for number in range(5)))
    place = TP(topic, done[0].partition)
    with member(broker, topic) as consumer:
        read(consumer, 5)
        consumer.seek(place, 3)
        assert [one.value for one in read(consumer, 2)] == [b"3", b"4"]
        consumer.seek(place, consumer.end_offsets()[place])
        published(broker, record(topic, b"k", b"new"))
        assert [one.value for one in read(consumer, 1)] == [b"new"]


def test_an_offset_outside_the_log_stops_the_reader(broker: Broker, topic: str) -> None:
    done = published(broker, record(topic, b"k"))
    with member(broker, topic) as consumer:
        read(consumer, 1)
        consumer.seek(TP(topic, done[0].partition), 99)
        with pytest.raises(OffsetOutOfRange):
            eventually(lambda: consumer.poll(0.1), within=SECONDS)


def test_end_offsets_tell_where_the_next_record_goes(broker: Broker, topic: str) -> None:
    done = published(broker, *(record(topic, b"k") for _ in range(4)))
    with member(broker, topic) as consumer:
        owning(consumer, 3)
        ends = consumer.end_offsets()
    assert ends[TP(topic, done[0].partition)] == 4
    assert sum(ends.values()) == 4


def test_a_poll_returns_no_more_than_asked(broker: Broker, topic: str) -> None:
    published(broker, *(record(topic, b"k%d" % number) for number in range(25)))
    with member(broker, topic, max_records=10) as consumer:
        owning(consumer, 3)
        sizes = []
        while sum(sizes) < 15:
            sizes.append(sum(len(records) for records in consumer.poll(0.1).values()))
    assert max(sizes) <= 10


def test_a_paused_member_is_silent_and_keeps_what_is_its(broker: Broker, topic: str) -> None:
    with member(broker, topic) as consumer:
        mine = owning(consumer, 3)
        consumer.pause()
        published(broker, record(topic, b"k", b"a"))
        assert not consumer.poll(0.3)
        assert consumer.assignment() == mine
        consumer.resume()
        assert [one.value for one in read(consumer, 1)] == [b"a"]


def test_what_becomes_ours_while_we_pause_is_silent_too(broker: Broker, topic: str) -> None:
    published(broker, *(record(topic, b"k%d" % number) for number in range(30)))
    with member(broker, topic) as consumer:
        consumer.pause()
        owning(consumer, 3)
        assert not consumer.poll(0.3)
        consumer.resume()
        assert len(read(consumer, 30)) == 30


def test_a_waiting_reader_is_woken(opened: OpenBroker, topic: str) -> None:
    with member(opened(), topic) as consumer:
        owning(consumer, 3)
        published(opened(), record(topic, b"k", b"a"))
        assert [one.value for one in read(consumer, 1)] == [b"a"]


def test_two_members_never_have_the_same_partition_and_lose_nothing(
    opened: OpenBroker, topic: str
) -> None:
    broker = opened()
    with member(broker, topic) as one:
        owning(one, 3)
        with member(opened(), topic) as other:
            published(
                broker, *(record(topic, b"k%d" % number, b"%d" % number) for number in range(50))
            )
            found: set[bytes] = set()

            def all_there() -> bool:
                for consumer in (one, other):
                    for records in consumer.poll(0.05).values():
                        found.update(record.value for record in records)
                return len(found) == 50

            eventually(lambda: all_there() and _is_shared(one, other), within=SECONDS)


def _is_shared(one: Consumer, other: Consumer) -> bool:
    """Whether each of three partitions has one member; who did not poll knows of no change."""
    mine, yours = one.assignment(), other.assignment()
    return len(mine | yours) == 3 and not mine & yours


def test_another_member_takes_over_what_one_leaves(opened: OpenBroker, topic: str) -> None:
    with member(opened(), topic) as heir:
        with member(opened(), topic) as leaver:
            eventually(
                lambda: (
                    (leaver.poll(0.05), heir.poll(0.05)) and leaver.assignment() | heir.assignment()
                )
            )
        assert len(owning(heir, 3)) == 3


def test_groups_do_not_disturb_each_other(broker: Broker, topic: str) -> None:
    published(broker, record(topic, b"k", b"a"))
    with member(broker, topic, "one") as one, member(broker, topic, "other") as other:
        assert [found.value for found in read(one, 1) + read(other, 1)] == [b"a", b"a"]


def test_a_reported_offset_changes_nothing(broker: Broker, topic: str) -> None:
    published(broker, record(topic, b"k", b"a"))
    with member(broker, topic) as consumer:
        (found,) = read(consumer, 1)
        consumer.report_offset(TP(topic, found.partition), 1)
    with member(broker, topic) as consumer:
        assert [one.value for one in read(consumer, 1)] == [b"a"]


def test_what_was_acknowledged_survives_the_death_of_the_publisher(
    url: str, broker: Broker, topic: str, tmp_path: Path
) -> None:
    received = tmp_path / "told"
    with processes(tmp_path) as started:
        arguments = [program.__file__, url, "publish", topic, str(received)]
        publisher = started.start("publisher", arguments, PYTHONPATH="services:.")
        for lines in (20, 200):
            eventually(
                lambda lines=lines: (
                    received.exists() and len(received.read_text().splitlines()) > lines
                ),
                within=SECONDS,
            )
            publisher.kill()
            if lines == 20:
                publisher.restart()
    acknowledged = [
        line.split() for line in received.read_text().splitlines() if line.count(" ") == 2
    ]
    with member(broker, topic, "counter") as counter:
        owning(counter, 3)
        total = sum(counter.end_offsets().values())
    with member(broker, topic, "reader") as consumer:
        found = {(one.partition, one.offset): one.value.decode() for one in read(consumer, total)}
    assert all(found[int(part), int(offset)] == value for value, part, offset in acknowledged)


def test_a_killed_reader_leaves_its_partitions_to_the_next(
    url: str, broker: Broker, topic: str, tmp_path: Path
) -> None:
    seen = tmp_path / "seen"
    published(broker, *(record(topic, b"k%d" % number, b"%d" % number) for number in range(20)))
    with processes(tmp_path) as started:
        arguments = [program.__file__, url, "read", topic, str(seen)]
        reader = started.start("reader", arguments, PYTHONPATH="services:.")
        eventually(
            lambda: seen.exists() and len(seen.read_text().splitlines()) == 20, within=SECONDS
        )
        reader.kill()
        with member(broker, topic) as heir:
            assert {one.value for one in read(heir, 20)} == {b"%d" % number for number in range(20)}


def test_the_bounds_of_a_topic_are_seen_without_joining(broker: Broker, topic: str) -> None:
    done = published(broker, *(record(topic, b"k") for _ in range(3)))
    bounds = broker.bounds(topic)
    assert {part: end for part, (_, end) in bounds.items() if end} == {done[0].partition: 3}
    assert {low for low, _ in bounds.values()} == {0}
