"""Servers that a file of tests has for itself, because it hurts them."""

import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tests.faults.product.plant import SERVICES, Plant, plant
from tests.faults.proxy import Proxy
from tests.support.servers.kafka import KafkaServer, Listener
from tests.support.servers.postgres import PostgresServer
from tests.system.sites import Site, on_servers


@dataclass
class Ground:
    """A product and the servers below it.

    Attributes:
        works: The product.
        kafka: Its broker or brokers.
        postgres: Its databases.
        lines: What lies between them, if anything: `kafka`, and one for each service's database.
    """

    works: Plant
    kafka: KafkaServer
    postgres: PostgresServer
    lines: Mapping[str, Proxy] = field(default_factory=dict)


@contextmanager
def ground(
    folder: Path,
    *,
    brokers: int = 1,
    prepare: Callable[[Path], None] | None = None,
    **environment: str,
) -> Iterator[Ground]:
    """Gives a running product on servers of its own.

    Args:
        folder: Where the product has its files.
        brokers: How many.
        prepare: Makes the data folder of a broker, as the point at which a disk is mounted.
        environment: Told to all processes of the product.
    """
    with _postgres() as postgres, _kafka(brokers, prepare) as kafka:
        place = on_servers(kafka, postgres, replication=min(3, brokers))
        with plant(folder, place, **environment) as works:
            yield Ground(works, kafka, postgres)


@contextmanager
def ground_with_lines(folder: Path) -> Iterator[Ground]:
    """Likewise, and all that the product says to its servers passes through proxies."""
    with ExitStack() as stack:
        lines = {name: stack.enter_context(Proxy()) for name in ("kafka", *SERVICES)}
        named = {"advertised.listeners": f"CLIENT://127.0.0.1:{lines['kafka'].port}"}
        postgres = stack.enter_context(_postgres())
        kafka = KafkaServer(Listener(properties=named))
        stack.callback(kafka.stop)
        kafka.start()
        lines["kafka"].target = _port(kafka.bootstrap)
        for name in SERVICES:
            lines[name].target = postgres.port
        plain = on_servers(kafka, postgres)
        site = Site(
            "servers",
            {
                name: url.replace(f":{postgres.port}/", f":{lines[name].port}/")
                for name, url in plain.databases.items()
            },
            f"kafka://127.0.0.1:{lines['kafka'].port}",
            plain.settings,
        )
        works = stack.enter_context(plant(folder, site, seen=plain))
        yield Ground(works, kafka, postgres, lines)


@contextmanager
def _kafka(brokers: int, prepare: Callable[[Path], None] | None) -> Iterator[KafkaServer]:
    with ExitStack() as stack:
        kafka = KafkaServer()
        stack.callback(kafka.stop)

        def make(place: Path) -> None:
            if prepare is not None:
                prepare(place)
                stack.callback(subprocess.run, ["umount", "--lazy", str(place)], check=True)

        kafka.start(brokers, make)
        yield kafka


@contextmanager
def _postgres() -> Iterator[PostgresServer]:
    server = PostgresServer().start()
    try:
        yield server
    finally:
        server.stop()


def _port(address: str) -> int:
    return urlsplit(f"//{address}").port or 0
