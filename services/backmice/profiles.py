"""Two profiles to run the same services: embedded in a folder, or on servers as in production."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Final, Protocol
from urllib.parse import urlsplit

from backmice.data_directory import DataDirectory

REACHED_S: Final = 3.0
_KAFKA_PORT, _POSTGRES_PORT = 9092, 5432
_KAFKA: Final = ("KAFKA_USERNAME", "KAFKA_PASSWORD_FILE", "KAFKA_CA_FILE")


class ProfileUnusable(Exception):
    """The environment does not name the servers, or they do not answer; the sentence says which."""


class Profile(Protocol):
    """Where the data and the events are, and which processes a service has beside its API.

    Attributes:
        name: As `--profile` says it.
        background: Role and arguments of each process.
        roles_with_figures: Those of these roles that serve figures on a port of their own.
    """

    name: ClassVar[str]
    background: ClassVar[Mapping[str, tuple[str, ...]]]
    roles_with_figures: ClassVar[tuple[str, ...]]

    def connections(self, service: str) -> dict[str, str]:
        """Return the environment that names database and broker of a service."""

    def topics(self) -> tuple[str, ...]:
        """Return the options of the command that makes the topics."""

    def check(self) -> None:
        """Raises `ProfileUnusable` if something that must be there is not."""


@dataclass(frozen=True)
class Embedded:
    """Nothing to install: SQLite files and an event log in the data folder, few processes."""

    folder: DataDirectory
    name: ClassVar[str] = "embedded"
    background: ClassVar[Mapping[str, tuple[str, ...]]] = {"worker": ("worker", "--with-relay")}
    roles_with_figures: ClassVar[tuple[str, ...]] = ()

    def connections(self, service: str) -> dict[str, str]:
        """Return the service's own file, and the log that all share."""
        return {
            "DATABASE_URL": f"sqlite:///{self.folder.service(service) / service}.db",
            "BROKER_URL": f"local://{self.folder.events}",
        }

    def topics(self) -> tuple[str, ...]:
        """Return where the log is."""
        return ("--broker-url", f"local://{self.folder.events}")

    def check(self) -> None:
        """A folder is always there."""


@dataclass(frozen=True)
class Servers:
    """The topology of production: Kafka and Postgres elsewhere, each role a process of its own.

    Args:
        broker_url: Kafka.
        database_urls: Postgres, one database per service.
        password_files: What opens each database, unless its URL does.
        replication: How many brokers keep each event; empty where it is not set.
        kafka: Further settings of the client, passed on as they are.
    """

    broker_url: str
    database_urls: Mapping[str, str]
    password_files: Mapping[str, str] = field(default_factory=dict)
    replication: str = ""
    kafka: Mapping[str, str] = field(default_factory=dict)
    name: ClassVar[str] = "servers"
    background: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "relay": ("relay",),
        "worker": ("worker",),
    }
    roles_with_figures: ClassVar[tuple[str, ...]] = ("relay", "worker")

    @classmethod
    def from_environment(cls, services: tuple[str, ...]) -> "Servers":
        """Read `BROKER_URL`, `DATABASE_URL_TEMPLATE` (or one URL per service), and secrets' files.

        Raises:
            ProfileUnusable: One is missing.
        """
        folder = os.environ.get("DATABASE_PASSWORD_DIR")
        return cls(
            _needed("BROKER_URL", "kafka://host:port"),
            {name: _database_url(name) for name in services},
            {name: str(Path(folder, name).absolute()) for name in services} if folder else {},
            os.environ.get("KAFKA_REPLICATION", ""),
            {name: os.environ[name] for name in _KAFKA if name in os.environ},
        )

    def connections(self, service: str) -> dict[str, str]:
        """Return where the service's database and the broker are, and what opens them."""
        secret = self.password_files.get(service)
        return {
            **self.kafka,
            **({"DATABASE_PASSWORD_FILE": secret} if secret else {}),
            "DATABASE_URL": self.database_urls[service],
            "BROKER_URL": self.broker_url,
        }

    def topics(self) -> tuple[str, ...]:
        """Return where the log is, and how many copies of it there shall be."""
        copies = ("--replication", self.replication) if self.replication else ()
        return ("--broker-url", self.broker_url, *copies)

    def check(self) -> None:
        """Connect to each server once, so that an absent one is named before anything starts."""
        brokers = urlsplit(self.broker_url).netloc.split(",")
        if not any(_answers(broker, _KAFKA_PORT) for broker in brokers):
            raise ProfileUnusable(
                f"Kafka cannot be reached at {', '.join(brokers)}: start it, or set BROKER_URL="
            )
        for service, url in self.database_urls.items():
            address = urlsplit(url).netloc.rpartition("@")[2]
            if not _answers(address, _POSTGRES_PORT):
                raise ProfileUnusable(
                    f"Postgres of {service} cannot be reached at {address}: "
                    "start it, or set DATABASE_URL_TEMPLATE="
                )


def _needed(name: str, form: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise ProfileUnusable(f"{name} is not set: --profile servers needs it, as {name}={form}")
    return value


def _database_url(service: str) -> str:
    own = os.environ.get(f"{service.upper()}_DATABASE_URL")
    if own:
        return own
    name = "DATABASE_URL_TEMPLATE"
    template = _needed(name, "postgresql+psycopg://{service}@host:port/{service}")
    if "{service}" not in template:
        raise ProfileUnusable(f"{name} does not say {{service}}: each has a database of its own")
    return template.replace("{service}", service)


def _answers(address: str, default: int) -> bool:
    split_url = urlsplit(f"//{address}")
    try:
        with socket.create_connection(
            (split_url.hostname or "", split_url.port or default), REACHED_S
        ):
            return True
    except OSError:
        return False
