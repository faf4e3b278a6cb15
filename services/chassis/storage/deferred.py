"""Deferred writes: what a transaction has to write is sent to Postgres in one statement.

Each round trip to a server costs more than most of our writes do. A write whose result nobody reads
waits for the others of its transaction; together they become one statement, each a part of its WITH
clause. They are sent before the commit, or before the next statement of the same transaction, which
may read what they write. An error of one of them surfaces there and undoes the transaction.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, Engine, event

_QUEUE: Final = "deferred_writes"
_PARAMETER: Final = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True)
class Write:
    """A statement as the driver takes it.

    Attributes:
        text: SQL without RETURNING, its parameters as `%(name)s`.
        table: the table that it changes; of two writes to one table the second waits for the first.
        parts: parts of a WITH clause that come before it, by name; the names are unique in the
            program.
    """

    text: str
    table: str
    parts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class _Queued:
    write: Write
    parameters: Mapping[str, Any]


def defer(connection: Connection, statement: Any, parameters: Mapping[str, Any]) -> None:
    """Run an INSERT, UPDATE or DELETE of SQLAlchemy with what else is deferred; now on SQLite."""
    if connection.dialect.name == "sqlite":
        connection.execute(statement, parameters)
        return
    defer_write(connection, _compiled(statement, connection.dialect), parameters)


def defer_write(connection: Connection, write: Write, parameters: Mapping[str, Any]) -> None:
    """Queue a write; Postgres only."""
    queue: list[_Queued] = connection.info.setdefault(_QUEUE, [])
    if any(queued.write.table == write.table for queued in queue):
        flush(connection)  # one statement may not change a row twice
        queue = connection.info.setdefault(_QUEUE, [])
    queue.append(_Queued(write, parameters))


def flush(connection: Connection) -> None:
    """Send what is queued."""
    queue: Sequence[_Queued] = connection.info.pop(_QUEUE, ())
    if queue:
        text = _composed(tuple(queued.write for queued in queue))
        connection.exec_driver_sql(
            text,
            {
                f"w{number}_{name}": value
                for number, queued in enumerate(queue)
                for name, value in queued.parameters.items()
            },
        )


def discard(connection: Connection) -> None:
    """Forget what is queued: its transaction, or its savepoint, is undone."""
    connection.info.pop(_QUEUE, None)


def flush_before_statements(engine: Engine) -> None:
    """Have every other statement of a transaction see what was deferred before it."""

    def flush_first(connection: Connection, *_: Any) -> None:
        if _QUEUE in connection.info:
            flush(connection)

    event.listen(engine, "before_cursor_execute", flush_first)


@lru_cache(maxsize=256)
def _composed(writes: tuple[Write, ...]) -> str:
    parts = []
    for number, write in enumerate(writes):
        numbered = [*write.parts, (f"w{number}", write.text)]
        parts += [(name, _PARAMETER.sub(rf"%(w{number}_\1)s", text)) for name, text in numbered]
    *before, (_, last) = parts
    clause = ", ".join(f"{name} AS ({text})" for name, text in before)
    return f"WITH {clause} {last}" if clause else last


@lru_cache(maxsize=256)
def _compiled(statement: Any, dialect: Any) -> Write:
    return Write(str(statement.compile(dialect=dialect)), statement.table.name)
