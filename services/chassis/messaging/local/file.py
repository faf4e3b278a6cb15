"""The file of the local log: its tables and how a connection to it is opened."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from chassis.clock import new_id
from chassis.messaging.port import BrokerUnavailable

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (k TEXT PRIMARY KEY, v TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS topic (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
  incarnation TEXT NOT NULL, partitions INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS part (topic INTEGER NOT NULL, part INTEGER NOT NULL,
  low INTEGER NOT NULL, next INTEGER NOT NULL, PRIMARY KEY (topic, part)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS log (topic INTEGER NOT NULL, part INTEGER NOT NULL, off INTEGER NOT NULL,
  key BLOB, headers TEXT NOT NULL, value BLOB NOT NULL, ts INTEGER NOT NULL,
  UNIQUE (topic, part, off));
"""


def connect(folder: Path) -> sqlite3.Connection:
    """Open the log in this folder; make what is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(
        folder / "log.db", isolation_level=None, check_same_thread=False, timeout=5
    )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("BEGIN IMMEDIATE")
    for statement in _SCHEMA.split(";\n"):
        connection.execute(statement)
    connection.execute("INSERT INTO meta VALUES ('id', ?) ON CONFLICT DO NOTHING", (new_id(),))
    connection.execute("COMMIT")
    return connection


@contextlib.contextmanager
def unavailable_on_error() -> Iterator[None]:
    """Say BrokerUnavailable for whatever the file says."""
    try:
        yield
    except sqlite3.Error as error:
        raise BrokerUnavailable(f"the local log cannot be used now: {error}") from error
