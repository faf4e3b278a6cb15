"""Keys that make a repeated request get the first answer instead of a second effect."""

from dataclasses import dataclass
from functools import cache
from typing import Any

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
    bindparam,
    delete,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.elements import ColumnElement

from chassis.clock import now_us
from chassis.storage.database import add_if_absent
from chassis.storage.deferred import defer
from chassis.storage.errors import waited_too_long


class KeyReused(Exception):
    """The key was used before with another request."""


class KeyInUse(Exception):
    """The first request with this key is still running, for longer than we wait."""


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
            KeyInUse: the twin did not end in time; this transaction can only be given up.
        """
        if self._insert(tenant_id, client_id, key, request_hash):
            return None
        place = _place(tenant_id, client_id, key)
        row = self._connection.execute(_select(self._table), place).one()
        if row.request_hash != request_hash:
            raise KeyReused("this Idempotency-Key was used with another request")
        return None if row.status is None else Stored(row.status, bytes(row.response), row.headers)

    def store(self, tenant_id: str, client_id: str, key: str, stored: Stored) -> None:
        """Keep the answer of the request that holds the key; in the transaction of its effect."""
        answer = {
            "status": stored.status,
            "response": stored.response,
            "headers": stored.headers,
        }
        defer(self._connection, _update(self._table), answer | _place(tenant_id, client_id, key))

    def _insert(self, tenant_id: str, client_id: str, key: str, request_hash: str) -> bool:
        row = {
            "tenant_id": tenant_id,
            "client_id": client_id,
            "key": key,
            "request_hash": request_hash,
            "created_at": now_us(),
        }
        statement = _claim(self._table, self._connection.dialect.name)
        try:
            return bool(self._connection.execute(statement, row).rowcount)
        except DBAPIError as error:
            if waited_too_long(error):
                raise KeyInUse("the first request with this Idempotency-Key still runs") from None
            raise


def _place(tenant_id: str, client_id: str, key: str) -> dict[str, str]:
    return {"b_tenant": tenant_id, "b_client": client_id, "b_key": key}


def _is_ours(table: Table) -> ColumnElement[bool]:
    return and_(
        table.c.tenant_id == bindparam("b_tenant"),
        table.c.client_id == bindparam("b_client"),
        table.c.key == bindparam("b_key"),
    )


# built once per table: building a statement costs more than running it
@cache
def _claim(table: Table, dialect: str) -> Any:
    return add_if_absent(table, dialect)


@cache
def _select(table: Table) -> Any:
    columns = (table.c.request_hash, table.c.status, table.c.response, table.c.headers)
    return select(*columns).where(_is_ours(table))


@cache
def _update(table: Table) -> Any:
    values: Any = {name: bindparam(name) for name in ("status", "response", "headers")}
    return update(table).where(_is_ours(table)).values(values)


def purge(connection: Connection, table: Table, older_than_us: int) -> int:
    """Forget keys older than a moment (microseconds UTC) and return how many there were."""
    return connection.execute(delete(table).where(table.c.created_at < older_than_us)).rowcount
