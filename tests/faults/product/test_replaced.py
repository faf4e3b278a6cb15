"""A topic is made anew, cut short, or shorter than a reader thinks: scenario 21."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from kafka import KafkaAdminClient
from kafka.structs import TopicPartition
from sqlalchemy import update
from tests.faults.product.plant import CASES, Plant, plant
from tests.support.servers.kafka import KafkaServer
from tests.system.product import eventually
from tests.system.sites import site

pytestmark = pytest.mark.servers

WHO = ("--all-tenants", "--by", "test", "--why", "scenario 21")
BEYOND = 1_000_000
STOPS_WITHIN_S = 60.0


@pytest.fixture(scope="module")
def works(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Plant]:
    with plant(tmp_path_factory.mktemp("works") / "own", site("servers", request)) as running:
        yield running


def test_a_topic_that_was_made_anew_stops_its_readers_until_somebody_decides(
    works: Plant, kafka_server: KafkaServer
) -> None:
    for _ in range(3):
        works.accepted(Prefer="wait=20")
    works.settle()

    with closing(KafkaAdminClient(bootstrap_servers=kafka_server.bootstrap)) as admin:
        admin.delete_topics([CASES])
        eventually(lambda: CASES not in admin.list_topics(), "the topic to be gone")
    works.product.operate("topics", "--broker-url", kafka_server.url)
    works.until(lambda: "LogReplaced" in _words(works), "the reader to stop", STOPS_WITHIN_S)
    promised = works.accepted()
    works.until(lambda: works.count("intake", "outbox_pending") == 0, "the new log", 60)
    assert works.progress(promised)["state"] == "submitted"

    works.product.operate("republish", "--service", "intake", "--since", "1h", *WHO)
    works.product.operate("reset-offsets", "--service", "diagnosis", "--topic", CASES, *WHO)
    works.settle(within=60)


def test_a_log_that_lost_what_was_not_read_stops_its_reader(
    works: Plant, kafka_server: KafkaServer
) -> None:
    with works.frozen("diagnosis"):
        promised = works.accepted()
        works.until(lambda: works.count("intake", "outbox_pending") == 0, "the log")
        ends = {TopicPartition(CASES, p): end for p, (_, end) in works.log.bounds(CASES).items()}
        with closing(KafkaAdminClient(bootstrap_servers=kafka_server.bootstrap)) as admin:
            admin.delete_records({tp: end for tp, end in ends.items() if end})
        works.product.kill("diagnosis", "worker")

    works.until(lambda: "OffsetOutOfRange" in _words(works), "the reader to stop", STOPS_WITHIN_S)
    assert works.progress(promised)["state"] == "submitted"

    works.product.operate("republish", "--service", "intake", "--since", "1h", *WHO)
    works.product.operate("reset-offsets", "--service", "diagnosis", "--topic", CASES, *WHO)
    works.settle(within=60)


def test_a_position_beyond_the_end_stops_its_reader(works: Plant) -> None:
    before = _words(works).count("OffsetOutOfRange")
    offsets = works.table("diagnosis", "consumer_offset")
    with works.frozen("diagnosis"):
        with works.databases["diagnosis"].write() as connection:
            connection.execute(update(offsets).values(next_offset=BEYOND))
        works.product.kill("diagnosis", "worker")

    works.until(
        lambda: _words(works).count("OffsetOutOfRange") > before,
        "the reader to stop",
        STOPS_WITHIN_S,
    )
    promised = works.accepted()
    assert works.progress(promised)["state"] == "submitted"

    works.product.operate("reset-offsets", "--service", "diagnosis", "--topic", CASES, *WHO)
    works.settle(within=60)


def _words(works: Plant) -> str:
    """What the worker of diagnosis has said."""
    return (works.product.data / "logs" / "diagnosis-worker.log").read_text()
