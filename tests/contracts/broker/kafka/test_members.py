"""What a group does to its members: it is divided anew, and they come and go."""

import pytest
from kafka import KafkaAdminClient
from tests.contracts.broker.conftest import OpenBroker
from tests.contracts.broker.group import SECONDS, member, owning, polled, published, read, record
from tests.support.servers.kafka import KafkaServer
from tests.support.waiting import eventually

from chassis.clock import new_id
from chassis.messaging.brokers import open_broker
from chassis.messaging.port import (
    TP,
    Broker,
    BrokerUnavailable,
    Consumer,
    MemberReplaced,
    TopicSpec,
)

pytestmark = pytest.mark.servers


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
        eventually(lambda: polled(consumer) == [b"after"], within=SECONDS)
    broker.close()


def _sharing(one: Consumer, other: Consumer) -> None:
    """Wait until the group is divided between two."""

    def divided() -> bool:
        one.poll(0.02)
        other.poll(0.02)
        return 0 < len(one.assignment()) < 3

    eventually(divided, within=SECONDS, what="a division of the group")


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
            offsets = admin.list_group_offsets({f"g-{topic}": None})
            return any(offset.offset == 1 for offset in offsets[f"g-{topic}"].values())

        eventually(seen, within=SECONDS)
