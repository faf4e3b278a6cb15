"""A lock that dies with its holder, and transactions that only the holder can make."""

import contextlib
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import BigInteger, Connection, bindparam, func, select
from sqlalchemy.exc import SQLAlchemyError

from chassis.storage.database import (
    Database,
    Unavailable,
    due_callbacks,
    unavailable_when_transient,
)
from chassis.storage.ownership import FileLock


class LockLost(Unavailable):
    """The lock is not ours any more, or never was; take it again."""


class Exclusive(Protocol):
    """The right to do what only one process of a service does at a time."""

    @property
    def held(self) -> bool:
        """Tell whether we hold it, as far as we know."""

    def take(self) -> bool:
        """Take it if it is free, and tell whether we hold it now; never waits for it.

        Raises:
            Unavailable: the database is away.
        """

    def read(self) -> Any:
        """Give a reading connection; raises LockLost if we do not hold it.

        On Postgres each statement sees a moment of its own.
        """

    def write(self, *, durable: bool = True) -> Any:
        """Give a writing connection, as `Database.write`; raises LockLost if we do not hold it."""

    def release(self) -> None:
        """Give it back."""


def exclusive(database: Database, name: str, run_dir: Path) -> Exclusive:
    """Return the lock of this name: a file's on SQLite, the database's own on Postgres."""
    if database.dialect == "sqlite":
        return _FileExclusive(database, run_dir / f"{name}.lock")
    return _SessionExclusive(database, name)


class _FileExclusive:
    """All who share a SQLite file share its host, so a lock of the kernel serves them."""

    def __init__(self, database: Database, path: Path) -> None:
        self._database = database
        self._lock = FileLock(path)

    @property
    def held(self) -> bool:
        return self._lock.held

    def take(self) -> bool:
        return self._lock.take()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        self._check()
        with self._database.read() as connection:
            yield connection

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Connection]:
        self._check()
        with self._database.write(durable=durable) as connection:
            yield connection

    def release(self) -> None:
        self._lock.release()

    def _check(self) -> None:
        if not self.held:
            raise LockLost("this process does not hold the lock")


class _SessionExclusive:
    """A lock of one session of Postgres; all work under it is done in that very session.

    So whoever has lost the lock, because the server ended the session, cannot work on by mistake:
    the connection that it would need is gone with it. A pooler between us and the server that
    shares sessions among clients would break this; connect directly.
    """

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self._key = _key(name)
        self._session: Connection | None = None

    @property
    def held(self) -> bool:
        return self._session is not None

    def take(self) -> bool:
        if self._session is None:
            with unavailable_when_transient():
                session = self._database.engine.connect()
                try:
                    taken = self._ask(session, _TAKE)
                except BaseException:
                    session.invalidate()
                    session.close()
                    raise
            if taken:
                self._session = session
            else:
                session.close()
        return self.held

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self._used() as session:
            driver: Any = session.connection.driver_connection
            driver.autocommit = True  # each statement is one moment, and needs no BEGIN
            try:
                yield session
            finally:
                session.rollback()
                driver.autocommit = False

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Connection]:
        with self._used() as session, self._database.kept(session, durable=durable):
            yield session
        self._database.run(due_callbacks(session))

    def release(self) -> None:
        if self._session is not None:
            with contextlib.suppress(SQLAlchemyError):  # then it ends with the session
                self._ask(self._session, _GIVE_BACK)
            self._drop()

    def _drop(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.invalidate()  # the session ends, and with it the lock
            session.close()

    def _ask(self, session: Connection, question: Any) -> bool:
        with self._database.begin(session, writing=True):
            return bool(session.execute(question, {"key": self._key}).scalar_one())

    @contextmanager
    def _used(self) -> Iterator[Connection]:
        if self._session is None:
            raise LockLost("this process does not hold the lock")
        session = self._session
        try:
            with unavailable_when_transient():
                yield session
        except Unavailable:
            # whatever it was: a session that had trouble may be another one by now
            self._drop()
            raise


_TAKE = select(func.pg_try_advisory_lock(bindparam("key", type_=BigInteger)))
_GIVE_BACK = select(func.pg_advisory_unlock(bindparam("key", type_=BigInteger)))


def _key(name: str) -> int:
    """Return a number of 64 bits for a name; locks of Postgres belong to one database."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
