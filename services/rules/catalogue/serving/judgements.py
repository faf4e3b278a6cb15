"""How each rule came out each time that it was judged, and which rule sets ran when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    Select,
    Subquery,
    Table,
    Text,
    bindparam,
    case,
    func,
    select,
)

from chassis.storage.bulk import defer_rows, insert_rows
from rules.catalogue.tally import Tally, tally

MOST_COUNTED: Final = 10_000
MOST_JUDGED: Final = 400
"""Newest judgements in which it is tried whether a rule was decisive: a tenth of a second."""


@dataclass(frozen=True, slots=True)
class JudgementRow:
    """How the rules of one set came out for one revision of a subject.

    Attributes:
        tenant_id: whose.
        subject: of what.
        revision: of which revision of it.
        sha256: the rule set.
        letters: one for each rule; see `rules.catalogue.tally`.
        at: microseconds UTC.
    """

    tenant_id: str
    subject: str
    revision: int
    sha256: str
    letters: str
    at: int


class Counted(NamedTuple):
    """What was counted.

    Attributes:
        tally: how often the rule came out how.
        over: how many judgements were looked at, the rule in force or not.
        since: when the oldest of them was judged (microseconds UTC); None if there is none.
    """

    tally: Tally
    over: int
    since: int | None


def judgement_table(metadata: MetaData) -> Table:
    """Declare the table of letters: narrow, so that ten thousand rows are read at once."""
    table = Table(
        "judgement",
        metadata,
        Column("tenant_id", Text, primary_key=True),
        Column("subject", Text, primary_key=True),
        Column("revision", Integer, primary_key=True, autoincrement=False),
        Column("sha256", Text, nullable=False),
        Column("letters", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
    )
    Index("judgement_newest", table.c.tenant_id, table.c.at)
    return table


def run_table(metadata: MetaData) -> Table:
    """Declare the table of rule sets that ran."""
    return Table(
        "run",
        metadata,
        Column("sha256", Text, primary_key=True),
        Column("evaluator", Text, primary_key=True),
        Column("first_run_at", BigInteger, nullable=False),
    )


class Judgements:
    """How the rules came out, for all tenants, seen from within one transaction."""

    def __init__(self, connection: Connection, table: Table) -> None:
        """Bind them to a transaction that somebody else opened and will close."""
        self._connection = connection
        self._table = table

    def add_all(self, rows: Sequence[JudgementRow]) -> None:
        """Store rows with one statement; one judged again takes its own place."""
        statement = _add(self._table, self._connection.dialect.name)
        defer_rows(self._connection, statement, [_values(row) for row in rows])

    def sets(self, tenant_id: str, most: int = MOST_COUNTED) -> list[str]:
        """Name the rule sets (sha256) of a tenant's newest judgements."""
        newest = _newest(self._table, tenant_id, most).subquery()
        return list(self._connection.execute(select(newest.c.sha256).distinct()).scalars())

    def count(self, tenant_id: str, places: Mapping[str, int], most: int = MOST_COUNTED) -> Counted:
        """Count the letters that one rule got in a tenant's newest judgements.

        Args:
            tenant_id: whose; nobody else's are looked at.
            places: where the rule's letter stands, from 0, by the sha256 of the set.
            most: how many judgements to look at.
        """
        newest = _newest(self._table, tenant_id, most).subquery()
        places = {"": -1, **places}
        place = case(*((newest.c.sha256 == name, at + 1) for name, at in places.items()), else_=0)
        letter = case((place > 0, func.substr(newest.c.letters, place, 1)), else_="")
        counted_letters = select(letter.label("letter"), newest.c.at).subquery()
        query = select(
            counted_letters.c.letter, func.count(), func.min(counted_letters.c.at)
        ).group_by(counted_letters.c.letter)
        rows = self._connection.execute(query).all()
        counts = [(letter, number) for letter, number, _ in rows]
        since = min((row[2] for row in rows), default=None)
        return Counted(tally(counts), sum(number for _, number in counts), since)


def newest_judged(table: Table, tenant_id: str, most: int = MOST_JUDGED) -> Subquery:
    """Select subject and revision of a tenant's newest judgements."""
    query = select(table.c.subject, table.c.revision)
    return _newest_first(query, table, tenant_id, most).subquery()


def _newest(table: Table, tenant_id: str, most: int) -> Select[Any]:
    query = select(table.c.sha256, table.c.letters, table.c.at)
    return _newest_first(query, table, tenant_id, most)


def _newest_first(query: Select[Any], table: Table, tenant_id: str, most: int) -> Select[Any]:
    query = query.where(table.c.tenant_id == bindparam("tenant", tenant_id))
    return query.order_by(table.c.at.desc()).limit(bindparam("most", most))


def _values(row: JudgementRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in JudgementRow.__slots__}


@cache  # building a statement costs more than running it
def _add(table: Table, dialect: str) -> Any:
    statement = insert_rows(table, JudgementRow.__slots__, dialect)
    changed = {name: statement.excluded[name] for name in ("sha256", "letters", "at")}
    return statement.on_conflict_do_update(index_elements=table.primary_key.columns, set_=changed)
