"""What only a server on a network can do to us: be away, refuse, rot, forget its log."""

import subprocess
import threading
import time

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from tests.contracts.broker.conftest import OpenBroker
from tests.contracts.broker.group import SECONDS, member, polled, published, read, record
from tests.support.servers.jars import classpath, java
from tests.support.servers.kafka import KafkaServer
from tests.support.waiting import eventually, mostly
from tests.unit.chassis.messaging.kafka.test_damage import Odd

from chassis.clock import new_id
from chassis.messaging.brokers import open_broker
from chassis.messaging.partitioner import partition_of
from chassis.messaging.port import (
    TP,
    Broker,
    BrokerUnavailable,
    Failed,
    OffsetOutOfRange,
    Ok,
    Outgoing,
    TopicSpec,
)

pytestmark = pytest.mark.servers
REPORTED_WITHIN = 5.0


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
        _publish_at_last(broker, record(topic, b"k", b"after"))
        values: list[bytes] = []

        def arrived() -> bool:
            values.extend(polled(consumer))
            return b"after" in values

        eventually(arrived, within=SECONDS)
    assert b"before" not in values
    broker.close()


def _publish_at_last(broker: Broker, wanted: Outgoing) -> None:
    """Publish to a server that comes back just now."""
    eventually(lambda: isinstance(broker.publish([wanted], 5.0)[0], Ok), within=SECONDS)


def test_a_frozen_server_fails_what_is_sent_in_time_and_takes_it_later(
    fragile: KafkaServer,
) -> None:
    broker, topic = open_broker(fragile.url), f"t-{new_id()}"
    broker.ensure_topics([TopicSpec(topic, partitions=1)])
    published(broker, record(topic, b"k"))
    assert mostly(lambda: _silence(fragile, broker, topic), REPORTED_WITHIN, 3) < REPORTED_WITHIN
    broker.close()


def _silence(server: KafkaServer, broker: Broker, topic: str) -> float:
    """For how many seconds a publisher waits for a server that stands still for a moment."""
    server.freeze()
    began = time.monotonic()
    assert isinstance(broker.publish([record(topic, b"k")], 1.0)[0], Failed)
    took = time.monotonic() - began
    server.thaw()
    _publish_at_last(broker, record(topic, b"k"))
    return took


def test_a_server_that_was_never_there_costs_seconds_and_leaves_no_thread() -> None:
    broker = open_broker("kafka://127.0.0.1:9")
    before = set(threading.enumerate())
    began = time.monotonic()
    results = broker.publish([record("t", b"k"), record("t", b"k")], 10.0)
    assert [isinstance(result, Failed) for result in results] == [True, True]
    with pytest.raises(BrokerUnavailable, match=r"127\.0\.0\.1:9"):
        broker.partitions("t")
    assert time.monotonic() - began < 30.0
    eventually(lambda: set(threading.enumerate()) <= before, what="the end of its threads")


def test_a_producer_that_failed_leaves_no_thread(broker: Broker, topic: str) -> None:
    published(broker, record(topic, b"k"))
    broker.reset()
    before = set(threading.enumerate())
    for _ in range(3):
        broker.publish([record(topic, b"k", b"x" * 1_100_000)], SECONDS)
    eventually(lambda: set(threading.enumerate()) <= before, what="the end of their threads")


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
    with KafkaProducer(bootstrap_servers=fragile.bootstrap, linger_ms=5_000) as producer:
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


def test_a_server_that_has_not_heard_of_a_new_topic_yet_is_asked_again(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of three servers the slowest may answer; here the topic itself comes late."""
    monkeypatch.setattr("chassis.messaging.kafka.broker._NEWS_SECONDS", SECONDS)
    spec = TopicSpec(f"t-{new_id()}", partitions=2)
    maker = threading.Timer(1.0, broker.ensure_topics, [[spec]])
    maker.start()
    assert broker.described(spec.name) == spec
    maker.join()


def test_settings_that_another_server_does_not_know_yet_are_asked_for_again(
    broker: Broker, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client hides the error of a server that is late: it tells no settings at all."""
    asked, answered = KafkaAdminClient.describe_configs, []

    def late(admin: KafkaAdminClient, *wanted: object, **options: object) -> object:
        none = {"topic": {topic: {}}}
        answered.append(asked(admin, *wanted, **options) if answered else none)
        return answered[-1]

    monkeypatch.setattr(KafkaAdminClient, "describe_configs", late)
    assert broker.described(topic) == TopicSpec(topic, partitions=3)
    assert len(answered) == 2


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
            polled(consumer)
            return consumer.incarnations() not in ({}, before)

        eventually(noticed, within=SECONDS)
        assert consumer.incarnations() == {topic: again.incarnation(topic)}
