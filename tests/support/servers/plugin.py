"""Real servers for tests: one of each per session, started when the first test asks."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tests.support.servers.jars import Missing
from tests.support.servers.kafka import KafkaServer
from tests.support.servers.postgres import MissingServer, PostgresServer

# The client of Kafka leaves sockets to the garbage collector, which comes when it likes: in the
# test that opened them or in any later one of the same process.
_LEFT_BEHIND = (
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("servers"):
            for mark in _LEFT_BEHIND:
                item.add_marker(mark)


@contextmanager
def _needed() -> Iterator[None]:
    """What is missing is one sentence, and a failure: these tests are never skipped."""
    try:
        yield
    except (Missing, MissingServer) as problem:
        pytest.fail(str(problem), pytrace=False)


@pytest.fixture(scope="session")
def kafka_server() -> Iterator[KafkaServer]:
    """One broker for all tests that do not hurt it."""
    with _needed():
        server = KafkaServer().start()
    with server:
        yield server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One server with as many databases as the tests make."""
    with _needed():
        server = PostgresServer().start()
    yield server
    server.stop()
