"""Which errors of a database may pass by themselves, and what they are called."""

import errno
import sqlite3

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout

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
# connection trouble, rollback asked for by the server, no resources, intervention of an operator,
# trouble of the disk below
_POSTGRES_TRANSIENT_CLASSES = frozenset({"08", "40", "53", "57", "58"})
# a lock was not to be had in time; a transaction idled too long; a replica may not write (failover)
_POSTGRES_TRANSIENT = frozenset({"55P03", "25P03", "25P04", "25006"})
_LOCK_TIMEOUT = "55P03"
_CONTENTION = frozenset({_LOCK_TIMEOUT, "40P01", "40001"})  # or a deadlock, or out of order
# the client library gives no code for what a server says at connecting
_PASSING = (
    "the database system is",
    "too many clients",
    "remaining connection slots",
    "too many connections",
    "terminating connection",
)
_TRUST = ("certificate", "SSL", "sslmode")
_DISK_ERRORS = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EMFILE, errno.ENFILE}
)


class Unavailable(Exception):
    """The database is away, locked or full; the same work may succeed later."""


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


def waited_too_long(error: DBAPIError) -> bool:
    """Tell whether another transaction held a row for longer than we wait."""
    return _sqlstate(error) == _LOCK_TIMEOUT


def is_contention(error: BaseException) -> bool:
    """Tell whether other transactions were in the way of this one; the database itself is well.

    Never so on SQLite, where whoever writes is in the way of everybody.
    """
    cause = error.__cause__ if isinstance(error, Unavailable) else error
    return isinstance(cause, DBAPIError) and _sqlstate(cause) in _CONTENTION


def is_refusal(error: BaseException) -> bool:
    """Tell whether a server, at connecting, said no for a reason that only a person can mend."""
    message = str(getattr(error, "orig", error))
    if isinstance(error, DBAPIError) and _sqlstate(error) is None:
        fatal = "FATAL:" in message and not any(passing in message for passing in _PASSING)
        return fatal or any(word in message for word in _TRUST)
    return False


def reason(error: BaseException) -> str:
    """Return what the driver says, in one line; errors that may pass quote no values."""
    return str(getattr(error, "orig", error)).partition("\n")[0]


def _transient_driver_error(error: DBAPIError) -> bool:
    if isinstance(error.orig, sqlite3.Error):
        return is_transient(error.orig)
    state = _sqlstate(error)
    if state is None:
        return isinstance(error, OperationalError | InterfaceError)
    return state[:2] in _POSTGRES_TRANSIENT_CLASSES or state in _POSTGRES_TRANSIENT


def _sqlstate(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)  # psycopg's, without importing it
