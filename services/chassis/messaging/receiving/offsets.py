"""Where each partition is read on: kept beside the effects, so that both move together."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, bindparam, delete, select, update

from chassis.messaging.receiving.inbox import InboxTables
from chassis.storage.bulk import run_rows, update_rows
from chassis.storage.database import upsert


class Position(NamedTuple):
    """The next offset, and whether the last reader stopped in good order."""

    next_offset: int
    clean: bool


class Move(NamedTuple):
    """One partition is at a position, and the next record to read is another."""

    part: int
    position: int
    following: int


class LogReplaced(Exception):
    """The topic that we read is not the one that our offsets belong to."""

    def __init__(self, topic: str) -> None:
        """Say what to do."""
        super().__init__(
            f"topic {topic} was made anew: publish its history again, "
            "then read it from the beginning (reset-offsets)"
        )


class Offsets:
    """The offsets of one incarnation of one topic, seen from within one transaction."""

    def __init__(
        self, connection: Connection, tables: InboxTables, bus_id: str, topic: str
    ) -> None:
        """Bind them to a transaction that somebody else opened and will close."""
        self._connection = connection
        self._tables = tables
        self._log = {"b_bus": bus_id, "b_topic": topic}

    def prepare(self, partitions: int) -> None:
        """Make sure that each partition has a row.

        Raises:
            LogReplaced: we have offsets of this topic, but all of another incarnation.
        """
        table = self._tables.offsets
        known = set(
            self._connection.execute(
                select(table.c.bus_id).where(table.c.topic == self._log["b_topic"])
            ).scalars()
        )
        if known and self._log["b_bus"] not in known:
            raise LogReplaced(self._log["b_topic"])
        rows = [
            {
                "bus_id": self._log["b_bus"],
                "topic": self._log["b_topic"],
                "part": part,
                "next_offset": 0,
            }
            for part in range(partitions)
        ]
        self._connection.execute(
            upsert(table, self._connection.dialect.name).on_conflict_do_nothing(), rows
        )

    def all(self) -> Mapping[int, Position]:
        """Return the position of each partition."""
        rows = self._connection.execute(_select(self._tables.offsets), self._log)
        return {part: Position(following, bool(clean)) for part, following, clean in rows}

    def advance(self, moves: Sequence[Move]) -> bool:
        """Move on if we are where we think we are; otherwise somebody else reads a partition too.

        Then some partitions may have moved: roll back.
        """
        bus_id, topic = self._log["b_bus"], self._log["b_topic"]
        rows = [
            {
                "bus_id": bus_id,
                "topic": topic,
                "part": move.part,
                "was_next_offset": move.position,
                "next_offset": move.following,
            }
            for move in moves
        ]
        statement = _advance(self._tables.offsets, self._connection.dialect.name)
        moved: int = run_rows(self._connection, statement, rows).rowcount
        return moved == len(moves)

    def take(self, part: int) -> Position:
        """Note that a partition is being read from now on; returns how its last reader left it.

        It is noted before any record is applied, because a batch that kills its process takes
        everything with it that it wrote.
        """
        before = self.all()[part]
        self._mark(part, before.next_offset, clean=0)
        return before

    def mark_clean(self, part: int, position: int) -> None:
        """Say that the reader of a partition stopped in good order."""
        self._mark(part, position, clean=1)

    def _mark(self, part: int, position: int, *, clean: int) -> None:
        values = {"b_part": part, "b_position": position, "b_clean": clean}
        self._connection.execute(_mark(self._tables.offsets), self._log | values)

    def count_attempt(self, part: int, offset: int) -> int:
        """Count that a record is about to be applied, and return how often that was so."""
        statement = _count_attempt(self._tables.attempts, self._connection.dialect.name)
        row = {
            "bus_id": self._log["b_bus"],
            "topic": self._log["b_topic"],
            "part": part,
            "off": offset,
            "tries": 1,
        }
        return int(self._connection.execute(statement, row).scalar_one())

    def forget_attempts(self, part: int, below: int) -> None:
        """Remove the counts of records that are done."""
        table = self._tables.attempts
        mine = (
            table.c.bus_id == self._log["b_bus"],
            table.c.topic == self._log["b_topic"],
            table.c.part == part,
        )
        self._connection.execute(delete(table).where(*mine, table.c.off < below))


@cache
def _select(offsets: Table) -> Any:
    columns = (offsets.c.part, offsets.c.next_offset, offsets.c.clean)
    return select(*columns).where(
        offsets.c.bus_id == bindparam("b_bus"), offsets.c.topic == bindparam("b_topic")
    )


def _at_position(offsets: Table) -> Any:
    return update(offsets).where(
        offsets.c.bus_id == bindparam("b_bus"),
        offsets.c.topic == bindparam("b_topic"),
        offsets.c.part == bindparam("b_part"),
        offsets.c.next_offset == bindparam("b_position"),
    )


@cache
def _advance(offsets: Table, dialect: str) -> Any:
    keys, moved = ("bus_id", "topic", "part"), ("next_offset",)
    return update_rows(offsets, keys, moved, dialect, was=moved)


@cache
def _mark(offsets: Table) -> Any:
    return _at_position(offsets).values(clean=bindparam("b_clean"))


@cache
def _count_attempt(attempts: Table, dialect: str) -> Any:
    columns = attempts.c
    return (
        upsert(attempts, dialect)
        .on_conflict_do_update(
            index_elements=[columns.bus_id, columns.topic, columns.part, columns.off],
            set_={"tries": columns.tries + 1},
        )
        .returning(columns.tries)
    )
