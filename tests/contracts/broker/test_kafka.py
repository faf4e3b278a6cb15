"""What only a server on a network can do to us: be away, come back, divide a group anew."""

import contextlib
import subprocess
import threading
import time
from collections.abc import Iterator

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from tests.contracts.broker.conftest import OpenBroker
from tests.contracts.broker.group import SECONDS, member, owning, published, read, record
from tests.servers.jars import classpath, java
from tests.servers.kafka import KafkaServer
from tests.unit.chassis.messaging.test_damage import Odd

from chassis.clock import new_id
from chassis.messaging.broker import (
    TP,
    Broker,
    BrokerUnavailable,
    Consumer,
    Failed,
    MemberReplaced,
    OffsetOutOfRange,
    Ok,
    TopicSpec,
    open_broker,
)
from chassis.messaging.partitioner import partition_of
from chassis.testing.waiting import eventually

pytestmark = [
    pytest.mark.servers,
    # the client leaves the sockets of failed connections to the garbage collector
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def url(kafka_server: KafkaServer) -> str:
    return kafka_server.url


@pytest.fixture
def admin(kafka_server: KafkaServer) -> Iterator[KafkaAdminClient]:
    with KafkaAdminClient(bootstrap_servers=kafka_server.bootstrap) as client:
        yield client


@pytest.fixture
def fragile() -> Iterator[KafkaServer]:
    """A server of our own, to be hurt."""
    with KafkaServer().start() as server:
        yield server


def test_publishing_fails_while_the_server_is_dead_and_works_when_it_is_back(
    fragile: KafkaServer,
) -> None:
    broker, topic = open_broker(fragile.url), f"t-{new_id()}"
    broker.ensure_topics([TopicSpec(topic, partitions=1)])
    published(broker, record(topic, b"k", b"before"))
    with member(broker, topic) as consumer:
        assert [one.value for one in read(consumer, 1)] == [b"before"]
        fragile.kill()
        (refused,) = broker.publish([record(topic, b"k", b"during")], 2.0)
        assert isinstance(refused, Failed)
        assert refused.scope == "topic"
        with pytest.raises(BrokerUnavailable):
            consumer.end_offsets()
        assert not consumer.poll(0.1)
        fragile.restart()
        eventually(
            lambda: isinstance(broker.publish([record(topic, b"k", b"after")], 5.0)[0], Ok),
            within=SECONDS,
        )
        values = [one.value for one in read(consumer, 1)]
        while values[-1] != b"after":
            values += [one.value for one in read(consumer, 1)]
    assert b"before" not in values
    broker.close()


def test_a_frozen_server_fails_what_is_sent_in_time_and_takes_it_later(
    fragile: KafkaServer,
) -> None:
    broker, topic = open_broker(fragile.url), f"t-{new_id()}"
    broker.ensure_topics([TopicSpec(topic, partitions=1)])
    published(broker, record(topic, b"k"))
    fragile.freeze()
    began = time.monotonic()
    assert isinstance(broker.publish([record(topic, b"k")], 1.0)[0], Failed)
    assert time.monotonic() - began < 5.0
    fragile.thaw()
    published(broker, record(topic, b"k"))
    broker.close()


def test_a_server_that_was_never_there_costs_seconds_and_leaves_no_thread() -> None:
    broker = open_broker("kafka://127.0.0.1:9")
    before = threading.active_count()
    began = time.monotonic()
    results = broker.publish([record("t", b"k"), record("t", b"k")], 10.0)
    assert [isinstance(result, Failed) for result in results] == [True, True]
    with pytest.raises(BrokerUnavailable, match=r"127\.0\.0\.1:9"):
        broker.partitions("t")
    assert time.monotonic() - began < 13.0
    assert threading.active_count() == before


def test_a_producer_that_failed_leaves_no_thread(broker: Broker, topic: str) -> None:
    published(broker, record(topic, b"k"))
    broker.reset()
    before = threading.active_count()
    for _ in range(3):
        broker.publish([record(topic, b"k", b"x" * 1_100_000)], SECONDS)
    assert threading.active_count() == before


def test_a_record_that_the_server_refuses_hurts_no_other(
    broker: Broker, admin: KafkaAdminClient
) -> None:
    topic = f"t-{new_id()}"
    limited = {
        "num_partitions": 1,
        "replication_factor": 1,
        "configs": {"max.message.bytes": "999"},
    }
    admin.create_topics({topic: limited}, wait_for_metadata=True)
    (refused,) = broker.publish([record(topic, b"k", b"x" * 5_000)], SECONDS)
    assert isinstance(refused, Failed)
    assert refused.scope == "record"
    published(broker, record(topic, b"k", b"small"))


def test_what_another_client_wrote_is_read_unchanged_from_the_partition_that_we_expect(
    broker: Broker, topic: str, kafka_server: KafkaServer
) -> None:
    keys = [f"acme:{number}" for number in range(20)]
    lines = "".join(f"h:x,n:NULL\t{key}\t{{}}\n" for key in keys) + "h:y\tNULL\tno key\n"
    _write_by_java(kafka_server, topic, lines)
    with member(broker, topic) as consumer:
        found = {one.key: one for one in read(consumer, 21)}
    for key in keys:
        one = found[key.encode()]
        assert one.partition == partition_of(key.encode(), 3)
        assert list(one.headers) == [("h", b"x"), ("n", None)]
    assert found[None].value == b"no key"


def test_a_header_whose_name_is_no_text_costs_its_record_only(
    broker: Broker, topic: str, kafka_server: KafkaServer
) -> None:
    with KafkaProducer(bootstrap_servers=kafka_server.bootstrap, linger_ms=200) as producer:
        for name in ("a", Odd("b"), "c"):
            producer.send(topic, key=b"k", value=name.encode(), headers=[(name, b"v")])
    with member(broker, topic) as consumer:
        found = read(consumer, 3)
        published(broker, record(topic, b"k", b"after"))
        assert [one.value for one in read(consumer, 1)] == [b"after"]
    assert [one.offset for one in found] == [0, 1, 2]
    assert [one.damage for one in found] == ["", "its headers cannot be read", ""]
    assert (found[1].key, list(found[1].headers)) == (b"k", [])


def test_a_batch_that_rots_on_the_disk_costs_itself_only(fragile: KafkaServer) -> None:
    broker, topic = open_broker(fragile.url), f"t-{new_id()}"
    broker.ensure_topics([TopicSpec(topic, partitions=1)])
    published(broker, record(topic, b"k", b"before"))
    with KafkaProducer(bootstrap_servers=fragile.bootstrap, linger_ms=200) as producer:
        for _ in range(3):
            producer.send(topic, value=b"rots")
    published(broker, record(topic, b"k", b"after"))
    fragile.rot(f"{topic}-0", b"rots")
    with member(broker, topic) as consumer:
        found = read(consumer, 3)
        assert len(found) == 3
        assert not consumer.poll(0.3)
    assert [(one.offset, one.value) for one in found] == [(0, b"before"), (1, b""), (4, b"after")]
    assert found[1].damage == "the records from 1 to 3: its checksum is wrong"
    broker.close()


def _write_by_java(server: KafkaServer, topic: str, lines: str) -> None:
    tool = "org.apache.kafka.tools.ConsoleProducer"
    options = [
        *("--bootstrap-server", server.bootstrap, "--topic", topic),
        *("--reader-property", "parse.key=true", "--reader-property", "parse.headers=true"),
        *("--reader-property", "null.marker=NULL"),
    ]
    command = [java(), "-Xmx128m", "-cp", classpath(), tool, *options]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_member_that_comes_back_gets_its_partitions_and_disturbs_nobody(
    opened: OpenBroker, topic: str
) -> None:
    leaver, stayer = opened(), opened()
    with member(stayer, topic) as staying:
        with member(leaver, topic) as leaving:

            def divided() -> bool:
                staying.poll(0.05)
                leaving.poll(0.05)
                shares = len(staying.assignment()), len(leaving.assignment())
                return sum(shares) == 3 and min(shares) > 0

            eventually(divided, within=SECONDS)
            theirs, mine = leaving.assignment(), staying.assignment()
        with member(leaver, topic) as back:

            def returned() -> bool:
                staying.poll(0.02)
                back.poll(0.02)
                assert staying.assignment() == mine
                return back.assignment() == theirs

            eventually(returned, within=SECONDS)


def test_positions_and_a_pause_outlive_a_new_division_of_the_group(
    opened: OpenBroker, topic: str
) -> None:
    broker = opened()
    published(broker, *(record(topic, b"k%d" % number) for number in range(30)))
    with member(broker, topic) as one:
        read(one, 30)
        one.pause()
        with member(opened(), topic) as other:
            _sharing(one, other)
        owning(one, 3)
        published(broker, record(topic, b"k0", b"new"))
        assert not one.poll(0.5)
        one.resume()
        assert [found.value for found in read(one, 1)] == [b"new"]


def test_what_was_ours_when_we_paused_is_read_when_it_comes_back_after_the_pause(
    opened: OpenBroker, topic: str
) -> None:
    """A database blinks, another worker comes, the blink is over, the other worker goes."""
    broker = opened()
    with member(broker, topic) as one:
        owning(one, 3)
        one.pause()
        with member(opened(), topic) as other:
            _sharing(one, other)
            one.resume()
            one.poll(0.02)
        owning(one, 3)
        sent = [record(topic, b"k%d" % number) for number in range(30)]
        assert {result.partition for result in published(broker, *sent)} == {0, 1, 2}
        assert len(read(one, 30)) == 30


def test_a_pause_ends_for_a_member_that_has_nothing_when_it_ends(
    fragile: KafkaServer,
) -> None:
    """Database and broker blink together."""
    broker, topic = open_broker(fragile.url), f"t-{new_id()}"
    broker.ensure_topics([TopicSpec(topic, partitions=1)])
    with member(broker, topic) as consumer:
        owning(consumer, 1)
        consumer.pause()
        fragile.kill()
        with pytest.raises(BrokerUnavailable):
            consumer.end_offsets()
        consumer._disconnect()  # type: ignore[attr-defined] # as when a poll meets an error
        assert not consumer.assignment()
        consumer.resume()
        fragile.restart()
        published(broker, record(topic, b"k", b"after"))
        eventually(lambda: _polled(consumer) == [b"after"], within=SECONDS)
    broker.close()


def _sharing(one: Consumer, other: Consumer) -> None:
    """Wait until the group is divided between two."""

    def divided() -> bool:
        one.poll(0.02)
        other.poll(0.02)
        return 0 < len(one.assignment()) < 3

    eventually(divided, within=SECONDS, what="a division of the group")


def _polled(consumer: Consumer) -> list[bytes]:
    """Read once; a server that just comes back may still refuse."""
    with contextlib.suppress(BrokerUnavailable):
        return [one.value for records in consumer.poll(0.1).values() for one in records]
    return []


def test_a_position_asked_for_before_the_partition_is_ours_holds(
    broker: Broker, topic: str
) -> None:
    done = published(broker, *(record(topic, b"k", b"%d" % number) for number in range(5)))
    with member(broker, topic) as consumer:
        consumer.seek(TP(topic, done[0].partition), 4)
        assert [one.value for one in read(consumer, 1)] == [b"4"]


def test_a_member_that_polls_in_a_hurry_still_gets_new_partitions(
    broker: Broker, topic: str, admin: KafkaAdminClient
) -> None:
    """Kafka's client once forgot the answer to a join that a short poll had not waited for."""
    with member(broker, topic) as consumer:
        owning(consumer, 3)
        admin.create_partitions({topic: 4})
        client = consumer._client  # type: ignore[attr-defined]

        def grown() -> bool:
            if len(client._cluster.partitions_for_topic(topic)) < 4:
                client._cluster.request_update()
            consumer.poll(0.001)
            return len(consumer.assignment()) == 4

        eventually(grown, within=SECONDS)


def test_a_second_process_with_our_ordinal_ends_the_first(url: str, topic: str) -> None:
    first, second = open_broker(url, ordinal=7), open_broker(url, ordinal=7)
    with member(first, topic) as one:
        owning(one, 3)
        with member(second, topic) as other:
            owning(other, 3)
            with pytest.raises(MemberReplaced, match="WORKER_ORDINAL"):
                eventually(lambda: one.poll(0.1), within=SECONDS)


def test_a_reported_offset_can_be_seen_by_operators(
    broker: Broker, topic: str, admin: KafkaAdminClient
) -> None:
    done = published(broker, record(topic, b"k"))
    tp = TP(topic, done[0].partition)
    with member(broker, topic) as consumer:
        read(consumer, 1)
        consumer.report_offset(tp, 1)

        def seen() -> bool:
            consumer.poll(0.05)
            told = admin.list_group_offsets({f"g-{topic}": None})
            return any(offset.offset == 1 for offset in told[f"g-{topic}"].values())

        eventually(seen, within=SECONDS)


def test_an_offset_outside_the_log_is_told_with_the_bounds(broker: Broker, topic: str) -> None:
    (done,) = published(broker, record(topic, b"k"))
    with (
        member(broker, topic, start={TP(topic, done.partition): 99}) as consumer,
        pytest.raises(OffsetOutOfRange, match=r"99 of .* outside 0\.\.1"),
    ):
        eventually(lambda: consumer.poll(0.1), within=SECONDS)


def test_a_topic_made_anew_is_another_log(
    opened: OpenBroker, topic: str, admin: KafkaAdminClient
) -> None:
    before = opened().incarnation(topic)
    admin.delete_topics([topic])
    eventually(lambda: topic not in admin.list_topics())
    again = opened()
    assert again.ensure_topics([TopicSpec(topic, partitions=3)]) == [topic]
    assert again.incarnation(topic) != before


def test_a_member_notices_that_its_topic_was_made_anew(
    opened: OpenBroker, topic: str, admin: KafkaAdminClient
) -> None:
    """Even if there is a record at the old position: the client alone would read on from there."""
    broker = opened()
    sent = [record(topic, b"k", b"%d" % number) for number in range(5)]
    published(broker, *sent)
    with member(broker, topic) as consumer:
        read(consumer, 5)
        before = consumer.incarnations()
        admin.delete_topics([topic])
        eventually(lambda: topic not in admin.list_topics())
        again = opened()
        again.ensure_topics([TopicSpec(topic, partitions=3)])
        published(again, *sent, *sent)

        def noticed() -> bool:
            _polled(consumer)
            return consumer.incarnations() not in ({}, before)

        eventually(noticed, within=SECONDS)
        assert consumer.incarnations() == {topic: again.incarnation(topic)}
