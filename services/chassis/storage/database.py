"""One service's database: plain reads, short exclusive writes, and what to do after a commit."""

import errno
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal, Self

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.schema import Table

from chassis.storage.crash import crash_point

Dialect = Literal["sqlite", "postgresql"]
Callback = Callable[[], None]

_CALLBACKS = "after_commit"
_BUSY_MS = 5_000

_SQLITE_TRANSIENT = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
    },
)
# connection trouble, rollback asked for by the server, no resources, intervention of an operator
_POSTGRES_TRANSIENT_CLASSES = frozenset({"08", "40", "53", "57"})
_POSTGRES_LOCK_NOT_AVAILABLE = "55P03"
_DISK_ERRORS = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EMFILE, errno.ENFILE}
)


class Unavailable(Exception):
    """The database is away, locked or full; the same work may succeed later."""


class Database:
    """A service's own database; safe to share between threads.

    Writes on SQLite begin with BEGIN IMMEDIATE, so a transaction that reads and then writes can
    never fail half-way for want of the lock; WAL lets readers go on meanwhile.
    """

    def __init__(self, engine: Engine) -> None:
        """Use `Database.open` instead."""
        self._engine = engine
        self.dialect: Dialect = "sqlite" if engine.dialect.name == "sqlite" else "postgresql"
        self._announced: dict[str, list[Callback]] = {}

    @classmethod
    def open(cls, url: str) -> Self:
        """Return the database at a SQLAlchemy URL; connects at first use."""
        address = make_url(url)
        engine = (
            _sqlite_engine(address)
            if address.get_backend_name() == "sqlite"
            else _postgres_engine(address)
        )
        return cls(engine)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees one consistent moment; nothing it does is kept.

        Raises:
            Unavailable: the database is away.
        """
        with _unavailable_when_transient(), self._engine.connect() as connection:
            connection.begin()
            self._tell_sqlite(connection, "BEGIN")
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give a connection whose work is kept at the end of the block, or not at all if it raises.

        Callbacks given to `after_commit` run once after the commit; a callback that raises is
        an error of its caller, so let it swallow what may fail.

        Raises:
            Unavailable: the database is away, locked longer than 5 s, or its disk is full.
        """
        with _unavailable_when_transient(), self._engine.connect() as connection:
            connection.info.pop(_CALLBACKS, None)
            with connection.begin():
                self._tell_sqlite(connection, "BEGIN IMMEDIATE")
                yield connection
                crash_point("database.before_commit")
            crash_point("database.after_commit")
            callbacks = connection.info.pop(_CALLBACKS, {})
        self._run(callbacks)

    def after_commit(self, connection: Connection, callback: Callback) -> None:
        """Run the callback once after this connection's commit; said twice, it still runs once."""
        after_commit(connection, callback)

    def when_announced(self, name: str, callback: Callback) -> None:
        """Run the callback after each commit of a transaction that said `announce(..., name)`."""
        self._announced.setdefault(name, []).append(callback)

    def ping(self) -> None:
        """Prove that the database answers.

        Raises:
            Unavailable: it does not.
        """
        with self.read() as connection:
            connection.execute(_PING)

    def close(self) -> None:
        """Close all pooled connections."""
        self._engine.dispose()

    def _tell_sqlite(self, connection: Connection, statement: str) -> None:
        """Begin in the way we want; the driver begins nothing, as it is in autocommit mode."""
        if self.dialect == "sqlite":
            driver: Any = connection.connection.driver_connection
            driver.execute(statement)

    def _run(self, callbacks: dict[Callback | str, None]) -> None:
        for callback in callbacks:
            if isinstance(callback, str):
                self._run(dict.fromkeys(self._announced.get(callback, ())))
            else:
                callback()


_PING = text("SELECT 1")


def after_commit(connection: Connection, callback: Callback) -> None:
    """Run the callback once after this connection's commit (see `Database.after_commit`)."""
    connection.info.setdefault(_CALLBACKS, {})[callback] = None


def announce(connection: Connection, name: str) -> None:
    """Say that something of this name was written; see `Database.when_announced`."""
    connection.info.setdefault(_CALLBACKS, {})[name] = None


def upsert(table: Table, dialect: str) -> Any:
    """Return the dialect's INSERT that knows ON CONFLICT; both spell it alike."""
    return sqlite_insert(table) if dialect == "sqlite" else postgresql_insert(table)


def is_transient(error: BaseException) -> bool:
    """Tell whether the same work may succeed later without anybody changing it.

    True for a lost connection, a lock, a deadlock, a serialization failure, a full disk; false for
    everything that will fail again in the same way.
    """
    if isinstance(error, Unavailable | PoolTimeout | PendingRollbackError):
        return True
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or _transient_driver_error(error)
    if isinstance(error, sqlite3.Error):
        return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _SQLITE_TRANSIENT
    return isinstance(error, OSError) and error.errno in _DISK_ERRORS


def _transient_driver_error(error: DBAPIError) -> bool:
    if isinstance(error.orig, sqlite3.Error):
        return is_transient(error.orig)
    state = getattr(error.orig, "sqlstate", None)  # psycopg's, without importing it
    if state is None:
        return isinstance(error, OperationalError | InterfaceError)
    return state[:2] in _POSTGRES_TRANSIENT_CLASSES or state == _POSTGRES_LOCK_NOT_AVAILABLE


@contextmanager
def _unavailable_when_transient() -> Iterator[None]:
    try:
        yield
    except Unavailable:
        raise
    except Exception as error:
        if is_transient(error):
            raise Unavailable("the database cannot do this now") from error
        raise


def _sqlite_engine(url: URL) -> Engine:
    engine = create_engine(
        url,
        connect_args={
            "isolation_level": None,
            "timeout": _BUSY_MS / 1_000,
            "check_same_thread": False,
        },
        pool_size=32,
        max_overflow=32,
        pool_timeout=10,
        pool_reset_on_return=None,  # read() and write() always end what they began
    )
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(driver: Any, _record: Any) -> None:
    for pragma in (
        f"busy_timeout = {_BUSY_MS}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
    ):
        driver.execute(f"PRAGMA {pragma}")


def _postgres_engine(url: URL) -> Engine:
    return create_engine(url, pool_size=16, max_overflow=16, pool_timeout=10, pool_pre_ping=False)
