"""Keys that make a repeated request get the first answer instead of a second effect."""

from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    and_,
    delete,
    select,
)
from sqlalchemy import update as update_of
from sqlalchemy.sql.elements import ColumnElement

from chassis.clock import now_us
from chassis.storage.database import upsert


class KeyReused(Exception):
    """The key was used before with another request."""


@dataclass(frozen=True)
class Stored:
    """The answer that the first request got; `headers` is JSON text."""

    status: int
    response: bytes
    headers: str


def idempotency_table(metadata: MetaData) -> Table:
    """Declare the table in a service's own metadata."""
    return Table(
        "idempotency_key",
        metadata,
        Column("tenant_id", Text, primary_key=True),
        Column("client_id", Text, primary_key=True),
        Column("key", Text, primary_key=True),
        Column("request_hash", Text, nullable=False),
        Column("status", Integer),
        Column("response", LargeBinary),
        Column("headers", Text),
        Column("created_at", BigInteger, nullable=False, index=True),
        sqlite_with_rowid=False,
    )


class IdempotencyKeys:
    """The keys that clients sent, seen from within one transaction."""

    def __init__(self, connection: Connection, table: Table) -> None:
        """Bind the keys to a transaction that somebody else opened and will close."""
        self._connection = connection
        self._table = table

    def claim(self, tenant_id: str, client_id: str, key: str, request_hash: str) -> Stored | None:
        """Take a key; make this the first statement of the transaction.

        A concurrent twin waits here until this transaction ends, then reads the stored answer.

        Returns:
            None when the key is ours now, otherwise the answer that the first request got.

        Raises:
            KeyReused: the key belongs to a request with another hash.
        """
        if self._insert(tenant_id, client_id, key, request_hash):
            return None
        table = self._table
        columns = (table.c.request_hash, table.c.status, table.c.response, table.c.headers)
        row = self._connection.execute(
            select(*columns).where(self._is(tenant_id, client_id, key))
        ).one()
        if row.request_hash != request_hash:
            raise KeyReused("this Idempotency-Key was used with another request")
        return None if row.status is None else Stored(row.status, bytes(row.response), row.headers)

    def store(self, tenant_id: str, client_id: str, key: str, stored: Stored) -> None:
        """Keep the answer of the request that holds the key; in the transaction of its effect."""
        values = {"status": stored.status, "response": stored.response, "headers": stored.headers}
        self._connection.execute(
            update_of(self._table).where(self._is(tenant_id, client_id, key)).values(values)
        )

    def _insert(self, tenant_id: str, client_id: str, key: str, request_hash: str) -> bool:
        statement = upsert(self._table, self._connection.dialect.name).on_conflict_do_nothing()
        row = {
            "tenant_id": tenant_id,
            "client_id": client_id,
            "key": key,
            "request_hash": request_hash,
            "created_at": now_us(),
        }
        return bool(self._connection.execute(statement, row).rowcount)

    def _is(self, tenant_id: str, client_id: str, key: str) -> ColumnElement[bool]:
        columns = self._table.c
        return and_(
            columns.tenant_id == tenant_id, columns.client_id == client_id, columns.key == key
        )


def purge(connection: Connection, table: Table, older_than_us: int) -> int:
    """Forget keys older than a moment (microseconds UTC) and return how many there were."""
    return connection.execute(delete(table).where(table.c.created_at < older_than_us)).rowcount
