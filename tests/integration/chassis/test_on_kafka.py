"""What only a log of Kafka can do to a worker."""

import gc
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from sqlalchemy import select
from tests.faults.chassis.toy import ORDERS, TENANT, Mill
from tests.integration.chassis.pipeline import order
from tests.support.servers.kafka import KafkaServer
from tests.support.waiting import eventually
from tests.unit.chassis.messaging.kafka.test_damage import Odd

from chassis.messaging.brokers import open_broker
from chassis.messaging.port import Ok, TopicSpec
from chassis.messaging.receiving.offsets import LogReplaced

pytestmark = pytest.mark.servers
SECONDS = 30.0
_ordinals = itertools.count(100)


@pytest.fixture
def mill(tmp_path: Path, kafka_server: KafkaServer) -> Iterator[Mill]:
    """A mill that hears its orders from a topic that is empty."""
    made = Mill(tmp_path)
    made.broker = open_broker(kafka_server.url, ordinal=next(_ordinals))
    made.broker.ensure_topics([TopicSpec(ORDERS, partitions=1)])
    yield made
    made.broker.close()
    made.database.close()
    with KafkaAdminClient(bootstrap_servers=kafka_server.bootstrap) as admin:
        _delete(admin)
    gc.collect()  # the sockets that the client forgets, before they are another test's


def _delete(admin: KafkaAdminClient) -> None:
    admin.delete_topics([ORDERS])
    eventually(lambda: ORDERS not in admin.list_topics(), within=SECONDS)


def _send(mill: Mill, *subjects: str, sequence: int = 1) -> None:
    results = mill.broker.publish([order(subject, sequence) for subject in subjects], SECONDS)
    assert all(isinstance(result, Ok) for result in results)


def test_a_record_whose_header_is_no_text_becomes_one_dead_letter_and_the_partition_goes_on(
    mill: Mill, kafka_server: KafkaServer
) -> None:
    with KafkaProducer(bootstrap_servers=kafka_server.bootstrap) as producer:
        key = f"{TENANT}:chair".encode()
        producer.send(ORDERS, key=key, value=b"the body", headers=[(Odd("x"), b"v")])
    _send(mill, "table")
    worker = mill.worker()
    eventually(lambda: worker.step(0.1) and mill.count(mill.effects) == 1, within=SECONDS)
    dead = mill.inbox.dead.c
    with mill.database.read() as connection:
        rows = select(dead.off, dead.reason_code, dead.status, dead.value)
        assert connection.execute(rows).all() == [(0, "unreadable-headers", "open", b"the body")]
    worker.close()


def test_a_topic_that_is_made_anew_and_filled_again_stops_the_worker(
    mill: Mill, kafka_server: KafkaServer
) -> None:
    _send(mill, "chair", "table")
    worker = mill.worker()
    eventually(lambda: worker.step(0.1) and mill.count(mill.effects) == 2, within=SECONDS)
    with KafkaAdminClient(bootstrap_servers=kafka_server.bootstrap) as admin:
        _delete(admin)
    mill.broker.reset()
    mill.broker.ensure_topics([TopicSpec(ORDERS, partitions=1)])
    _send(mill, "chair", "table", "bench", "stool")  # there is one at each old position
    with pytest.raises(LogReplaced):
        eventually(lambda: worker.step(0.1) and False, within=SECONDS)
    worker.close()
