"""Real servers for tests: one of each per session, started when the first test asks."""

from collections.abc import Iterator

import pytest
from tests.servers.kafka import KafkaServer
from tests.servers.postgres import PostgresServer


@pytest.fixture(scope="session")
def kafka_server() -> Iterator[KafkaServer]:
    """One broker for all tests that do not hurt it."""
    with KafkaServer().start() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One server with as many databases as the tests make."""
    server = PostgresServer().start()
    yield server
    server.stop()
