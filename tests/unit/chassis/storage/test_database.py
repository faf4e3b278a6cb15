"""Connections, transactions, what happens after a commit, and which errors may pass."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError, OperationalError

from chassis.storage.database import Database, Unavailable, after_commit, announce, is_transient


@pytest.fixture
def database(database: Database) -> Database:
    with database.write() as connection:
        connection.execute(text("CREATE TABLE t (x INTEGER PRIMARY KEY)"))
    return database


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Database]:
    made = Database.open(f"sqlite:///{tmp_path}/a.db")
    with made.write() as connection:
        connection.execute(text("CREATE TABLE t (x INTEGER PRIMARY KEY)"))
    yield made
    made.close()


def write_and_fail(database: Database, work: Callable[[Connection], object]) -> None:
    with database.write() as connection:
        work(connection)
        raise ZeroDivisionError


def rows(database: Database) -> list[int]:
    with database.read() as connection:
        return list(connection.execute(text("SELECT x FROM t ORDER BY x")).scalars())


def test_a_write_is_kept_at_the_end_of_its_block(database: Database) -> None:
    with database.write() as connection:
        connection.execute(text("INSERT INTO t VALUES (1)"))
        assert rows(database) == []
    assert rows(database) == [1]


def test_a_write_that_raises_leaves_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        write_and_fail(database, lambda c: c.execute(text("INSERT INTO t VALUES (1)")))
    assert rows(database) == []


def test_nothing_that_a_reader_writes_is_kept(database: Database) -> None:
    insert = text("INSERT INTO t VALUES (1)")
    if database.dialect == "sqlite":
        with database.read() as connection:
            connection.execute(insert)
    else:  # told at once
        with pytest.raises(Unavailable, match="read-only"), database.read() as connection:
            connection.execute(insert)
    assert rows(database) == []


def test_a_reader_sees_one_moment(database: Database) -> None:
    with database.read() as reader:
        before = reader.execute(text("SELECT count(*) FROM t")).scalar_one()
        with database.write() as connection:
            connection.execute(text("INSERT INTO t VALUES (1)"))
        assert reader.execute(text("SELECT count(*) FROM t")).scalar_one() == before


def test_commits_survive_a_power_cut(file: Database) -> None:
    with file.read() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 2


def test_only_a_commit_that_says_so_does_not_wait_for_the_disk(database: Database) -> None:
    assert _waits(database, durable=True)
    assert not _waits(database, durable=False)
    assert _waits(database, durable=True), "the connection is the same, and careful again"
    with pytest.raises(ZeroDivisionError), database.write(durable=False):
        raise ZeroDivisionError
    assert _waits(database, durable=True)


def _waits(database: Database, *, durable: bool) -> bool:
    asked = "PRAGMA synchronous" if database.dialect == "sqlite" else "SHOW synchronous_commit"
    with database.write(durable=durable) as connection:
        return connection.execute(text(asked)).scalar_one() in {2, "on"}


def test_callbacks_run_once_and_only_after_a_commit(database: Database) -> None:
    notified: list[str] = []

    def notify() -> None:
        notified.append("bell")

    with database.write() as connection:
        after_commit(connection, notify)
        database.after_commit(connection, notify)
        assert notified == []
    assert notified == ["bell"]
    with pytest.raises(ZeroDivisionError):
        write_and_fail(database, lambda c: after_commit(c, notify))
    with database.write():
        pass
    assert notified == ["bell"], "what was rolled back is forgotten"


def test_listeners_hear_what_was_announced(database: Database) -> None:
    received: list[str] = []
    database.when_announced("outbox", lambda: received.append("outbox"))
    with database.write() as connection:
        announce(connection, "outbox")
        announce(connection, "outbox")
        announce(connection, "something else")
    assert received == ["outbox"]


def test_writers_wait_for_each_other(file: Database) -> None:
    def write(number: int) -> None:
        with file.write() as connection:
            seen = connection.execute(text("SELECT coalesce(max(x), 0) FROM t")).scalar_one()
            connection.execute(text("INSERT INTO t VALUES (:x)"), {"x": seen + 1})

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rows(file) == list(range(1, 9))


def test_a_locked_database_is_unavailable(file: Database, tmp_path: Path) -> None:
    impatient = Database.open(f"sqlite:///{tmp_path}/a.db")
    with impatient.read() as connection:
        connection.execute(text("PRAGMA busy_timeout = 1"))
    with file.write(), pytest.raises(Unavailable), impatient.write():
        pass
    impatient.close()


def test_a_database_that_cannot_be_opened_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        Database.open(f"sqlite:///{tmp_path}/no/such/folder/a.db").ping()


def test_a_full_disk_is_unavailable(file: Database) -> None:
    with file.read() as connection:
        connection.execute(text("PRAGMA max_page_count = 3"))
    with pytest.raises(Unavailable), file.write() as connection:
        connection.execute(text("CREATE TABLE big AS SELECT zeroblob(100000)"))
    assert rows(file) == []


class _Postgres(Exception):
    def __init__(self, sqlstate: str | None) -> None:
        super().__init__()
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("state", "transient"),
    [
        ("08006", True),
        ("40001", True),
        ("40P01", True),
        ("53100", True),
        ("55P03", True),
        ("57P01", True),
        (None, True),
        ("23505", False),
        ("42601", False),
    ],
)
def test_postgres_errors_pass_or_do_not(state: str | None, transient: bool) -> None:
    assert is_transient(OperationalError("SELECT 1", {}, _Postgres(state))) is transient


def test_errors_of_the_program_do_not_pass(database: Database) -> None:
    with pytest.raises(IntegrityError) as caught, database.write() as connection:
        connection.execute(text("INSERT INTO t VALUES (1), (1)"))
    assert not is_transient(caught.value)
    assert not is_transient(ValueError())
    assert not is_transient(sqlite3.ProgrammingError())
    assert is_transient(OSError(28, "No space left on device"))
    assert not is_transient(OSError(2, "No such file"))
