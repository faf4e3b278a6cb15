"""The relay on Postgres: one works, another stands by, and the loss of a session stops nobody."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.faults.chassis.toy import Shop
from tests.support.servers.postgres import PostgresServer
from tests.support.waiting import eventually

from chassis.messaging.sending.relay import Relay

pytestmark = pytest.mark.servers


@pytest.fixture
def shop(postgres_server: PostgresServer, tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path, url=postgres_server.fresh_database("relayed"))
    yield made
    made.database.close()
    postgres_server.drop("relayed")


@contextmanager
def running(*relays: Relay) -> Iterator[None]:
    stop = threading.Event()
    threads = [threading.Thread(target=relay.run, args=(stop,)) for relay in relays]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(20)


def test_a_relay_whose_session_is_ended_takes_its_turn_again(
    postgres_server: PostgresServer, shop: Shop
) -> None:
    relay = shop.relay()
    with running(relay):
        eventually(lambda: relay.leader)
        shop.place("chair")
        eventually(lambda: shop.count(shop.outbox.sent) == 1)
        postgres_server.admin(
            "SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_database d "
            "ON l.database = d.oid WHERE l.locktype = 'advisory' AND d.datname = 'relayed'"
        )
        shop.place("chair")
        eventually(lambda: shop.count(shop.outbox.sent) == 2)
        eventually(lambda: relay.leader)


def test_a_second_relay_stands_by_until_the_first_is_gone(shop: Shop) -> None:
    first, second = shop.relay(), shop.relay()
    stop = threading.Event()
    thread = threading.Thread(target=first.run, args=(stop,))
    thread.start()
    eventually(lambda: first.leader)
    with running(second):
        shop.place("chair")
        eventually(lambda: shop.count(shop.outbox.sent) == 1)
        assert not second.leader
        stop.set()
        thread.join(20)
        shop.place("chair")
        eventually(lambda: shop.count(shop.outbox.sent) == 2)
        assert second.leader
        eventually(lambda: second.published == 1)  # it counts after what it has stored
        assert (first.published, second.published) == (1, 1)
