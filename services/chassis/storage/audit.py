"""The audit table: who changed what and why, append-only."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
)

from chassis.storage.bulk import defer_rows, insert_rows
from chassis.storage.columns import after_create, id_column


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One change of state.

    Attributes:
        tenant_id: whose.
        subject: of what.
        revision: of which revision of it.
        action: past participle, for example the type of the event that tells of it.
        actor: the client, or the service itself.
        cause: id of the request or of the message that made it happen.
        at: microseconds UTC.
    """

    tenant_id: str
    subject: str
    revision: int
    action: str
    actor: str
    cause: str
    at: int


def audit_table(metadata: MetaData) -> Table:
    """Declare the audit table; triggers refuse any change or removal of a row."""
    table = Table(
        "audit",
        metadata,
        id_column(),
        Column("tenant_id", Text, nullable=False),
        Column("subject", Text, nullable=False),
        Column("revision", Integer, nullable=False),
        Column("action", Text, nullable=False),
        Column("actor", Text, nullable=False),
        Column("cause", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
    )
    Index("audit_subject", table.c.tenant_id, table.c.subject)
    after_create(table, "sqlite", *_SQLITE_GUARDS)
    after_create(table, "postgresql", _POSTGRES_FUNCTION, _POSTGRES_TRIGGER)
    return table


class Audit:
    """The audit trail, seen from within one transaction."""

    def __init__(self, connection: Connection, table: Table) -> None:
        """Bind the trail to a transaction that somebody else opened and will close."""
        self._connection = connection
        self._table = table

    def add(self, row: AuditRow) -> None:
        """Append one row."""
        self.add_all([row])

    def add_all(self, rows: Sequence[AuditRow]) -> None:
        """Append rows with one statement, at the latest before the commit."""
        if rows:
            statement = _insert(self._table, self._connection.dialect.name)
            defer_rows(self._connection, statement, [_values(row) for row in rows])


@cache
def _insert(table: Table, dialect: str) -> Any:
    return insert_rows(table, AuditRow.__slots__, dialect)


def _values(row: AuditRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in AuditRow.__slots__}


_SQLITE_GUARDS = tuple(
    f"CREATE TRIGGER audit_no_{verb} BEFORE {verb} ON audit "
    "BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END"
    for verb in ("update", "delete")
)
_POSTGRES_FUNCTION = """
    CREATE OR REPLACE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      RAISE EXCEPTION 'audit is append-only' USING ERRCODE = 'restrict_violation';
    END $$
"""
_POSTGRES_TRIGGER = """
    CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()
"""
