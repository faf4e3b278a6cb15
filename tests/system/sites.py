"""What a product stands on: its own folder, or a real Kafka and Postgres."""

import itertools
import os
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from kafka import KafkaAdminClient
from tests.support.servers.kafka import KafkaServer
from tests.support.servers.postgres import PostgresServer
from tests.support.waiting import eventually

SERVICES = ("intake", "diagnosis", "treatment")
TOPICS = frozenset(f"{name}.case.v1" for name in SERVICES)
BOTH = ["embedded", pytest.param("servers", marks=pytest.mark.servers)]
"""The parameters of a fixture whose tests shall hold on either."""
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Site:
    """Where a product has its databases and its log; without a word, in its own folder."""

    profile: str = "embedded"
    databases: Mapping[str, str] = field(default_factory=dict)
    broker: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def embedded(self) -> bool:
        return self.profile == "embedded"

    @property
    def roles(self) -> tuple[str, ...]:
        """What a service runs beside its API."""
        return ("worker",) if self.embedded else ("relay", "worker")

    @property
    def relay(self) -> str:
        """The role of the process that has the relay."""
        return self.roles[0]

    @property
    def environment(self) -> dict[str, str]:
        """What `backmice up` needs to know of it."""
        urls = {f"{name.upper()}_DATABASE_URL": url for name, url in self.databases.items()}
        return {**self.settings, **urls, **({"BROKER_URL": self.broker} if self.broker else {})}

    def database(self, data: Path, service: str) -> str:
        return self.databases.get(service) or f"sqlite:///{data / service / service}.db"

    def log(self, data: Path) -> str:
        return self.broker or f"local://{data / 'events'}"


EMBEDDED = Site()


_tenants: list[Callable[[], None]] = []


def let_until_needed(leave: Callable[[], None]) -> None:
    """Says how whoever is on the servers of the session leaves when the next one comes."""
    _tenants.append(leave)


def site(profile: str, request: pytest.FixtureRequest) -> Site:
    """A site of a profile; the servers are those of the session, what is on them is new."""
    if profile == "embedded":
        return EMBEDDED
    while _tenants:
        _tenants.pop()()
    kafka, postgres = (request.getfixturevalue(f"{name}_server") for name in ("kafka", "postgres"))
    return on_servers(kafka, postgres)


def on_servers(kafka: KafkaServer, postgres: PostgresServer, replication: int = 1) -> Site:
    """Empty databases, and no topics from anybody before."""
    forget_topics(kafka)
    urls = postgres.fresh_databases(f"p{os.getpid()}_{next(_numbers)}")
    return Site("servers", urls, kafka.url, {"KAFKA_REPLICATION": str(replication)})


def forget_topics(kafka: KafkaServer) -> None:
    """Removes the topics, and waits until they are gone."""
    with closing(KafkaAdminClient(bootstrap_servers=kafka.bootstrap)) as admin:
        if found := TOPICS & set(admin.list_topics()):
            admin.delete_topics(list(found))
            eventually(lambda: not TOPICS & set(admin.list_topics()), what="topics to be gone")
