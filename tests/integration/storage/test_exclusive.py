"""One relay at a time: the lock dies with its holder, and nobody works without it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.support.servers.databases import NewDatabase
from tests.support.servers.postgres import PostgresServer
from tests.support.waiting import eventually

from chassis.storage.database import Database, Unavailable
from chassis.storage.exclusive import Exclusive, LockLost, exclusive

SHOW = text("SELECT 1")


@pytest.fixture
def pair(new_database: NewDatabase, tmp_path: Path) -> Iterator[tuple[Exclusive, Exclusive]]:
    """The same lock, as two processes see it."""
    url = new_database("locked")
    databases = [Database.open(url), Database.open(url)]
    first, second = (exclusive(database, "relay", tmp_path) for database in databases)
    yield first, second
    first.release()
    second.release()
    for database in databases:
        database.close()


def test_one_holds_it_and_the_other_stands_by(pair: tuple[Exclusive, Exclusive]) -> None:
    first, second = pair
    assert first.take()
    assert first.take(), "who has it, has it"
    assert not second.take()
    first.release()
    assert second.take()
    assert not first.take()


def test_the_lock_outlives_transactions_and_failures(pair: tuple[Exclusive, Exclusive]) -> None:
    first, second = pair
    first.take()
    with first.write() as connection:
        connection.execute(text("CREATE TABLE t (x INTEGER)"))
    with pytest.raises(ZeroDivisionError), first.write() as connection:
        _insert_and_fail(connection)
    with first.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM t")).scalar_one() == 0
    assert first.held
    assert not second.take()


def _insert_and_fail(connection: object) -> None:
    connection.execute(text("INSERT INTO t VALUES (1)"))  # type: ignore[attr-defined]
    raise ZeroDivisionError


def test_nobody_works_without_it(pair: tuple[Exclusive, Exclusive]) -> None:
    for work in (pair[0].read, pair[0].write):
        with pytest.raises(LockLost), work() as connection:
            connection.execute(SHOW)


@pytest.mark.servers
def test_who_loses_its_session_loses_the_lock_and_notices(
    server: PostgresServer, tmp_path: Path
) -> None:
    url = server.fresh_database("lost")
    databases = [Database.open(url), Database.open(url)]
    first, second = (exclusive(database, "relay", tmp_path) for database in databases)
    assert first.take()
    server.admin("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'lost'")
    eventually(second.take)
    with pytest.raises(Unavailable), first.write() as connection:
        connection.execute(SHOW)
    assert not first.held
    assert not first.take()
    second.release()
    assert first.take()
    first.release()
    for database in databases:
        database.close()
