"""Postgres killed, frozen, locked and started again: said at once, and over when it is over."""

import math
import threading
import time
from collections.abc import Callable

import pytest
from sqlalchemy import text
from tests.support.servers.postgres import PostgresServer
from tests.support.waiting import mostly

from chassis.storage.database import REQUEST_TIMEOUTS, Database, Unavailable

pytestmark = pytest.mark.servers

OpenAs = Callable[..., Database]
REFUSED_WITHIN = 2.0
LATE = "did not answer in time"
"""What a client says that gives up before its server, which is late itself."""
_LOCK = text("UPDATE t SET x = x WHERE x = 1")


def count(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute(text("SELECT count(*) FROM t")).scalar_one())


def several_connections(database: Database) -> None:
    """Make the pool hold several connections, as it does after a busy minute."""
    together = threading.Barrier(4)

    def use() -> None:
        with database.read() as connection:
            connection.execute(text("SELECT 1"))
            together.wait(10)

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_restart_of_the_server_costs_nobody_an_attempt(
    server: PostgresServer, open_as: OpenAs
) -> None:
    database = open_as()
    several_connections(database)
    server.kill()
    server.restart()
    assert [count(database) for _ in range(6)] == [1] * 6


def test_a_server_that_is_away_is_said_at_once(server: PostgresServer, open_as: OpenAs) -> None:
    database = open_as(REQUEST_TIMEOUTS)
    assert mostly(lambda: _absence(server, database), REFUSED_WITHIN) < REFUSED_WITHIN
    assert count(database) == 1


def _absence(server: PostgresServer, database: Database) -> float:
    """For how many seconds clients wait at most for a server that is away."""
    several_connections(database)
    server.kill()
    try:
        return max(_refused(database) for _ in range(3))
    finally:
        server.restart()


def _refused(database: Database, why: str | None = None) -> float:
    """For how many seconds a client waits for nothing."""
    began = time.monotonic()
    with pytest.raises(Unavailable, match=why):
        count(database)
    return time.monotonic() - began


def test_a_server_that_dies_in_the_middle_keeps_nothing(
    server: PostgresServer, open_as: OpenAs
) -> None:
    database = open_as()

    def write() -> None:
        with database.write() as connection:
            connection.execute(text("INSERT INTO t VALUES (2)"))
            server.kill()
            server.restart()
            connection.execute(text("INSERT INTO t VALUES (3)"))

    with pytest.raises(Unavailable):
        write()
    assert count(database) == 1


def test_a_frozen_server_keeps_nobody_waiting(server: PostgresServer, open_as: OpenAs) -> None:
    database = open_as(REQUEST_TIMEOUTS)
    assert mostly(lambda: _silence(server, database), REFUSED_WITHIN) < REFUSED_WITHIN
    assert count(database) == 1


def _silence(server: PostgresServer, database: Database) -> float:
    """For how many seconds a client waits for a server that was well just now."""
    assert count(database) == 1
    server.freeze()
    try:
        return _refused(database, LATE)
    finally:
        server.thaw()


def test_a_row_that_somebody_holds_is_waited_for_in_moderation(open_as: OpenAs) -> None:
    holder, hasty = open_as(), open_as(REQUEST_TIMEOUTS)
    hasty.ping()
    with holder.write() as holding:
        holding.execute(_LOCK)
        assert mostly(lambda: _locked_out(hasty), REFUSED_WITHIN) < REFUSED_WITHIN


def _locked_out(hasty: Database) -> float:
    """For how many seconds a client waits for a row that somebody holds, until it is told so."""
    began = time.monotonic()
    refused = pytest.raises(Unavailable, match=f"lock timeout|{LATE}")
    with refused as raised, hasty.write() as connection:
        connection.execute(_LOCK)
    took = time.monotonic() - began
    assert took > 1
    return took if "lock timeout" in str(raised.value) else math.inf


def test_a_statement_that_takes_too_long_is_given_up(open_as: OpenAs) -> None:
    hasty = open_as(REQUEST_TIMEOUTS)
    assert mostly(lambda: _given_up(hasty), REFUSED_WITHIN) < REFUSED_WITHIN
    assert count(hasty) == 1


def _given_up(hasty: Database) -> float:
    """For how many seconds a client waits for a statement, until the server gives it up."""
    began = time.monotonic()
    refused = pytest.raises(Unavailable, match=f"statement timeout|{LATE}")
    with refused as raised, hasty.read() as connection:
        connection.execute(text("SELECT pg_sleep(30)"))
    return time.monotonic() - began if "statement timeout" in str(raised.value) else math.inf


def test_two_who_lock_in_different_order_do_not_hang(open_as: OpenAs) -> None:
    database = open_as()
    with database.write() as connection:
        connection.execute(text("INSERT INTO t VALUES (2)"))
    together, failures = threading.Barrier(2), []

    def swap(*order: int) -> None:
        try:
            with database.write() as connection:
                for number in order:
                    connection.execute(text("UPDATE t SET x = x WHERE x = :x"), {"x": number})
                    if number == order[0]:
                        together.wait(10)
        except Unavailable as error:
            failures.append(str(error))

    threads = [threading.Thread(target=swap, args=order) for order in ((1, 2), (2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(failures) == 1
    assert "deadlock" in failures[0]
