"""A Postgres that these tests may hurt, and databases on it."""

import itertools
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text
from tests.support.servers.postgres import PostgresServer

from chassis.storage.database import WORKER_TIMEOUTS, Database, Timeouts

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    made = PostgresServer().start()
    yield made
    made.stop()


@pytest.fixture
def url(server: PostgresServer) -> str:
    """The URL of a database with one table, `t`, which holds the number 1."""
    address = server.fresh_database(f"d{next(_numbers)}")
    database = Database.open(address)
    with database.write() as connection:
        connection.execute(text("CREATE TABLE t (x INTEGER PRIMARY KEY)"))
        connection.execute(text("INSERT INTO t VALUES (1)"))
    database.close()
    return address


@pytest.fixture
def open_as(url: str) -> Iterator[Callable[..., Database]]:
    opened: list[Database] = []

    def build(timeouts: Timeouts = WORKER_TIMEOUTS) -> Database:
        opened.append(Database.open(url, timeouts=timeouts))
        return opened[-1]

    yield build
    for database in opened:
        database.close()
