"""One service's database: plain reads, short exclusive writes, and what to do after a commit."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, Final, Literal, Self

from sqlalchemy import Connection, Engine, text
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.schema import Table

from chassis.settings import SettingsError
from chassis.storage.crash import crash_point
from chassis.storage.errors import Unavailable, is_refusal, is_transient, reason
from chassis.storage.sqlite import WriteQueue, sqlite_engine, warn_once
from chassis.storage.timeouts import MIGRATION_TIMEOUTS, REQUEST_TIMEOUTS, WORKER_TIMEOUTS, Timeouts

__all__ = [
    "MIGRATION_TIMEOUTS",
    "REQUEST_TIMEOUTS",
    "WORKER_TIMEOUTS",
    "Database",
    "Timeouts",
    "Unavailable",
    "add_if_absent",
    "after_commit",
    "announce",
    "is_transient",
    "upsert",
]

Dialect = Literal["sqlite", "postgresql"]
Callback = Callable[[], None]

_CALLBACKS = "after_commit"
_DRIVERS: Final = {"sqlite": "pysqlite", "postgresql": "psycopg"}
_PING: Final = text("SELECT 1")
_HASTILY: Final = text("SET LOCAL synchronous_commit = off")


class Database:
    """A service's own database; safe to share between threads.

    Writes on SQLite begin with BEGIN IMMEDIATE, so a transaction that reads and then writes can
    never fail half-way for want of the lock; WAL lets readers go on meanwhile. The threads of a
    process take turns for it. On Postgres writes are READ COMMITTED, and reads are READ ONLY and
    see one snapshot.
    """

    def __init__(self, engine: Engine, timeouts: Timeouts) -> None:
        """Use `Database.open` instead."""
        self.engine: Final = engine
        self.dialect: Dialect = "sqlite" if engine.dialect.name == "sqlite" else "postgresql"
        self._turns = (
            WriteQueue(timeouts.turn_seconds) if self.dialect == "sqlite" else nullcontext()
        )
        self.observe: Callable[[str, float], None] | None = None
        self._announced: dict[str, list[Callback]] = {}

    @classmethod
    def open(
        cls, url: str, password_file: Path | None = None, timeouts: Timeouts = WORKER_TIMEOUTS
    ) -> Self:
        """Return the database at a SQLAlchemy URL; connects at first use.

        Args:
            url: `sqlite:///path` or `postgresql+psycopg://role@host:port/database`.
            password_file: holds the password of the role, if the URL does not.
            timeouts: how long to wait for it.

        Raises:
            SettingsError: the URL is none of a database that we know.
        """
        return cls(_engine(url, password_file, timeouts), timeouts)

    def enter(self) -> None:
        """Connect once, so that a process which will never be let in ends at its start.

        A database that is merely away is no reason not to start.

        Raises:
            SettingsError: the server refuses the role, its password, the database or our trust.
        """
        if self.dialect == "sqlite":
            warn_once()
        try:
            self.ping()
        except Unavailable as error:
            if error.__cause__ is not None and is_refusal(error.__cause__):
                raise SettingsError(f"the database refuses us: {error}") from None
        except (OSError, DBAPIError) as error:
            raise SettingsError(f"the database cannot be used: {reason(error)}") from None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees one consistent moment; nothing it does is kept.

        Raises:
            Unavailable: the database is away.
        """
        with self._timed("read"), unavailable_when_transient(), self.engine.connect() as connection:
            self.begin(connection, writing=False)
            yield connection

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Connection]:
        """Give a connection whose work is kept at the end of the block, or not at all if it raises.

        Callbacks given to `after_commit` run once after the commit; a callback that raises is
        an error of its caller, so let it swallow what may fail.

        Args:
            durable: wait until the disk has it. Without that a power cut may undo the whole
                transaction, though never half of it, and nothing that was committed before.

        Raises:
            Unavailable: the database is away, locked for too long, or its disk is full.
        """
        with (
            self._timed("write"),
            unavailable_when_transient(),
            self.engine.connect() as connection,
        ):
            with self.kept(connection, durable=durable):
                yield connection
            callbacks = due_callbacks(connection)
        self.run(callbacks)

    @contextmanager
    def kept(self, connection: Connection, *, durable: bool = True) -> Iterator[None]:
        """Make the work of the block one transaction of this connection; see `write`."""
        connection.info.pop(_CALLBACKS, None)
        with (
            self._turns,
            self._hasty(connection, not durable),
            self.begin(connection, writing=True),
        ):
            if not durable and self.dialect == "postgresql":
                connection.execute(_HASTILY)
            yield
            crash_point("database.before_commit")
        crash_point("database.after_commit")

    def begin(self, connection: Connection, *, writing: bool) -> Any:
        """Begin a transaction in the way we want it; returns SQLAlchemy's handle of it."""
        driver: Any = connection.connection.driver_connection
        if self.dialect == "postgresql":
            from chassis.storage.postgresql import begin  # noqa: PLC0415 - not for SQLite

            begin(driver, writing=writing)
            return connection.begin()
        handle = connection.begin()
        # the driver begins nothing, as it is in autocommit mode
        driver.execute("BEGIN IMMEDIATE" if writing else "BEGIN")
        return handle

    @contextmanager
    def _hasty(self, connection: Connection, hasty: bool) -> Iterator[None]:
        """Let SQLite not wait for the disk within the block; it must be told outside of one."""
        if not hasty or self.dialect != "sqlite":
            yield
            return
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA synchronous = NORMAL")
        try:
            yield
        finally:
            driver.execute("PRAGMA synchronous = FULL")

    def _timed(self, kind: str) -> AbstractContextManager[None]:
        return nullcontext() if self.observe is None else _timing(kind, self.observe)

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
        self.engine.dispose()

    def run(self, callbacks: Mapping[Callback | str, None]) -> None:
        """Run what a committed transaction has left to do."""
        for callback in callbacks:
            if isinstance(callback, str):
                self.run(dict.fromkeys(self._announced.get(callback, ())))
            else:
                callback()


@contextmanager
def _timing(kind: str, observe: Callable[[str, float], None]) -> Iterator[None]:
    began = time.perf_counter()
    try:
        yield
    finally:
        observe(kind, time.perf_counter() - began)


def due_callbacks(connection: Connection) -> dict[Callback | str, None]:
    """Take what is to be run after the commit of this connection's transaction."""
    due: dict[Callback | str, None] = connection.info.pop(_CALLBACKS, {})
    return due


def after_commit(connection: Connection, callback: Callback) -> None:
    """Run the callback once after this connection's commit (see `Database.after_commit`)."""
    connection.info.setdefault(_CALLBACKS, {})[callback] = None


def announce(connection: Connection, name: str) -> None:
    """Say that something of this name was written; see `Database.when_announced`."""
    connection.info.setdefault(_CALLBACKS, {})[name] = None


def upsert(table: Table, dialect: str) -> Any:
    """Return the dialect's INSERT that knows ON CONFLICT; both spell it alike."""
    return sqlite_insert(table) if dialect == "sqlite" else postgresql_insert(table)


def add_if_absent(table: Table, dialect: str) -> Any:
    """Return an INSERT that leaves alone what is there; its `rowcount` tells (1 or 0)."""
    statement = upsert(table, dialect).on_conflict_do_nothing()
    # without this the count of an INSERT is that of SQLite's driver, and -1 on Postgres
    return statement.execution_options(preserve_rowcount=True)


@contextmanager
def unavailable_when_transient() -> Iterator[None]:
    """Call whatever may pass by itself by one name."""
    try:
        yield
    except Unavailable:
        raise
    except Exception as error:
        if is_transient(error):
            raise Unavailable(f"the database cannot do this now: {reason(error)}") from error
        raise


def _engine(url: str, password_file: Path | None, timeouts: Timeouts) -> Engine:
    try:
        address = make_url(url)
    except ArgumentError:
        raise SettingsError(_NOT_A_URL) from None
    name = address.get_backend_name()
    if _DRIVERS.get(name) != address.get_driver_name():
        raise SettingsError(_NOT_A_URL)
    if name == "sqlite":
        return sqlite_engine(address, timeouts.lock_seconds)
    from chassis.storage.postgresql import postgresql_engine  # noqa: PLC0415 - not for SQLite

    return postgresql_engine(address, password_file, timeouts)


_NOT_A_URL: Final = (
    "DATABASE_URL is not understood: write sqlite:///path/of/file.db "
    "or postgresql+psycopg://role@host:5432/database"
)
