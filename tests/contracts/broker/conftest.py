"""The brokers that must keep the contract; another one joins by being named here."""

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chassis.clock import new_id
from chassis.messaging.brokers import open_broker
from chassis.messaging.port import Broker, TopicSpec

OpenBroker = Callable[[], Broker]


@pytest.fixture(autouse=True)
def _sockets() -> Iterator[None]:
    """Have the sockets that Kafka's client forgets collected in the test that they belong to."""
    yield
    gc.collect()


@pytest.fixture(params=["local", pytest.param("kafka", marks=pytest.mark.servers)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a broker of each kind is found."""
    if request.param == "kafka":
        return str(request.getfixturevalue("kafka_server").url)
    return f"local://{tmp_path}/log"


@pytest.fixture
def opened(url: str) -> Iterator[OpenBroker]:
    """Open the broker as often as a test likes, as workers of one service would."""
    brokers: list[Broker] = []

    def again() -> Broker:
        brokers.append(open_broker(url, ordinal=len(brokers)))
        return brokers[-1]

    yield again
    for broker in brokers:
        broker.close()


@pytest.fixture
def broker(opened: OpenBroker) -> Broker:
    return opened()


@pytest.fixture
def topic(broker: Broker) -> str:
    """A topic of three partitions that no other test uses."""
    name = f"t-{new_id()}"
    broker.ensure_topics([TopicSpec(name, partitions=3)])
    return name
