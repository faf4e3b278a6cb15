"""SQLite as we want it: WAL, every commit on the disk, transactions begun by us."""

import logging
import re
import sqlite3
import threading
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL

from chassis.storage.errors import Unavailable

log = logging.getLogger(__name__)

# https://sqlite.org/wal.html#walresetbug: 3.7.0 to 3.51.2, mended in these older lines too
_MENDED = (3, 51, 3)
_MENDED_IN = {(3, 44): 6, (3, 50): 7}


class WriteQueue:
    """Lets one thread of a process write at a time.

    Who meets a locked file sleeps longer from try to try, so among many threads the unlucky one
    comes last again and again. A queue inside the process leaves the file to very few.
    """

    def __init__(self, seconds: float) -> None:
        """Wait at most so long for a turn."""
        self._seconds = seconds
        self._taken = threading.Lock()

    def __enter__(self) -> None:
        """Take a turn.

        Raises:
            Unavailable: the others did not end in time.
        """
        if not self._taken.acquire(timeout=self._seconds):
            raise Unavailable("the database cannot do this now: too many want to write")

    def __exit__(self, *_: object) -> None:
        """Let the next one write."""
        self._taken.release()


def sqlite_engine(url: URL, lock_seconds: float) -> Engine:
    """Return an engine whose connections begin nothing by themselves."""
    milliseconds = int(lock_seconds * 1_000)
    engine = create_engine(
        url,
        connect_args={
            "isolation_level": None,
            "timeout": lock_seconds,
            "check_same_thread": False,
        },
        pool_size=32,
        max_overflow=32,
        pool_timeout=lock_seconds,
        pool_reset_on_return=None,  # read() and write() always end what they began
    )
    event.listen(engine, "connect", lambda driver, _record: _prepare(driver, milliseconds))
    return engine


def _prepare(driver: Any, milliseconds: int) -> None:
    for pragma in (
        f"busy_timeout = {milliseconds}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
    ):
        driver.execute(f"PRAGMA {pragma}")


def has_wal_reset_bug(version: str) -> bool:
    """Tell whether a version of SQLite may, very rarely, damage a database in WAL mode."""
    major, minor, patch, *_ = (int(number) for number in re.findall(r"\d+", f"{version}.0.0"))
    mended = _MENDED_IN.get((major, minor))
    return (major, minor, patch) < _MENDED and (mended is None or patch < mended)


_warned: set[str] = set()


def warn_once() -> None:
    """Say once in a process that its SQLite has the error."""
    version = sqlite3.sqlite_version
    if has_wal_reset_bug(version) and version not in _warned:
        _warned.add(version)
        log.warning(
            "SQLite %s may, very rarely, damage a database when a checkpoint meets a commit: "
            "keep backups, or use 3.51.3 or newer (also 3.44.6, 3.50.7)",
            version,
        )
