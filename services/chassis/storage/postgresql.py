"""Postgres as we want it: nothing waits for ever, a dead connection is never handed out."""

import select
from collections.abc import Generator
from pathlib import Path
from typing import Any

import psycopg
from psycopg import IsolationLevel
from psycopg.types.array import ListBinaryDumper
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import InvalidatePoolError

from chassis.storage.timeouts import Timeouts

CONNECT_SECONDS = 2  # the least that the client library takes
_GRACE_SECONDS = 0.3
_KEEPALIVE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
_PREPARE_AFTER = 2


class _Connection(psycopg.Connection[Any]):
    """A connection that gives up on a server that keeps silent.

    The server ends slow statements itself; this is for one that is frozen, or cut off from us.
    """

    answer_seconds: float | None = None

    def wait(
        self,
        gen: Generator[Any, Any, Any],
        interval: float = 0.1,
        timeout: float | None = None,
    ) -> Any:
        try:
            return super().wait(gen, interval, timeout or self.answer_seconds)
        except psycopg.errors._WaitTimeout:  # noqa: SLF001 - to be made a public one, it says
            self.pgconn.finish()  # what it is doing for us there, nobody knows
            raise psycopg.OperationalError("the server did not answer in time") from None


def postgresql_engine(url: URL, password_file: Path | None, timeouts: Timeouts) -> Engine:
    """Return an engine with a pool of connections that are prepared as we want them."""
    engine = create_engine(
        url,
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "options": " ".join(_options(timeouts)),
            "prepare_threshold": _PREPARE_AFTER,
            **_KEEPALIVE,
        },
        pool_size=16,
        max_overflow=16,
        pool_timeout=timeouts.lock_seconds,
        use_native_hstore=False,  # spares a question at the start
    )
    event.listen(engine, "do_connect", _Connector(password_file, timeouts))
    event.listen(engine, "checkout", _refuse_dead)
    return engine


class _Connector:
    """Connects; the password is read each time, so a new one needs no restart."""

    def __init__(self, password_file: Path | None, timeouts: Timeouts) -> None:
        self._password_file = password_file
        answer = timeouts.answer_seconds
        self._answer_seconds = answer + _GRACE_SECONDS if answer else None

    def __call__(
        self, _dialect: Any, _record: Any, arguments: list[Any], named: dict[str, Any]
    ) -> psycopg.Connection[Any]:
        if self._password_file is not None:
            named["password"] = self._password_file.read_text(encoding="utf-8").strip()
        made = _Connection.connect(*arguments, **named)
        made.answer_seconds = self._answer_seconds
        # as text a list is searched for what must be quoted: five times the price
        made.adapters.register_dumper(list, ListBinaryDumper)
        return made


def _options(timeouts: Timeouts) -> list[str]:
    """Say at connecting what differs from the settings of the role."""
    limits = {"lock_timeout": timeouts.lock_seconds, "statement_timeout": timeouts.answer_seconds}
    return [f"-c {name}={int((seconds or 0) * 1_000)}" for name, seconds in limits.items()]


def _refuse_dead(driver: Any, _record: Any, _proxy: Any) -> None:
    """Notice, without asking it, that the server is gone or was started anew.

    An idle server speaks to us only to say goodbye. All connections of its age are dropped then,
    and a new one is made, so that a restart costs nobody a failed attempt.
    """
    poller = select.poll()
    try:
        poller.register(driver.fileno(), select.POLLIN)
    except psycopg.OperationalError:  # closed already
        raise InvalidatePoolError from None
    if poller.poll(0):
        raise InvalidatePoolError


def begin(driver: Any, *, writing: bool) -> None:
    """Set what the next transaction is: a write, or a read of one consistent moment."""
    level = IsolationLevel.READ_COMMITTED if writing else IsolationLevel.REPEATABLE_READ
    if driver.read_only is writing or driver.isolation_level is not level:
        driver.read_only = not writing
        driver.isolation_level = level
