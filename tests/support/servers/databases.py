"""Empty databases for tests, of each kind in turn."""

import itertools
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import pytest
from sqlalchemy import Connection

from chassis.storage.database import Database

KINDS = ("sqlite", pytest.param("postgresql", marks=pytest.mark.servers))

NewDatabase = Callable[[str], str]
_numbers = itertools.count(1)


@pytest.fixture(params=KINDS)
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[NewDatabase]:
    """Return a function that makes an empty database with a role of its own; it returns the URL."""
    yield from (_on_postgres(request) if request.param == "postgresql" else _on_sqlite(tmp_path))


@pytest.fixture
def database(new_database: NewDatabase) -> Iterator[Database]:
    """One empty database."""
    made = Database.open(new_database("one"))
    yield made
    made.close()


def _on_sqlite(folder: Path) -> Iterator[NewDatabase]:
    yield lambda name: f"sqlite:///{folder}/{name}.db"


def _on_postgres(request: pytest.FixtureRequest) -> Iterator[NewDatabase]:
    server = request.getfixturevalue("postgres_server")
    made: list[str] = []

    def make(name: str) -> str:
        made.append(f"t{next(_numbers)}_{name}")
        return str(server.fresh_database(made[-1]))

    yield make
    server.drop(*made)


@contextmanager
def statements(connection: Connection) -> Iterator[list[str]]:
    """Collect what is sent to the database meanwhile: one entry for each statement."""
    driver: Any = connection.connection.driver_connection
    lines: list[str] = []
    if connection.dialect.name == "sqlite":
        driver.set_trace_callback(lines.append)
        yield lines
        driver.set_trace_callback(None)
        return
    with TemporaryFile("w+") as trace:
        driver.pgconn.trace(trace.fileno())
        yield lines
        driver.pgconn.untrace()
        trace.seek(0)
        lines += [line for line in trace if _SENT.search(line) and "BEGIN" not in line]


_SENT = re.compile(r"\tF\t\d+\t(Query|Execute)\b")
