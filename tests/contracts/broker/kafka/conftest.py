"""A real Kafka: one that all share, and one to be hurt."""

from collections.abc import Iterator

import pytest
from kafka import KafkaAdminClient
from tests.support.servers.kafka import KafkaServer


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
