"""Statements that take any number of rows: one text, one round trip, however many they are.

SQLite gets the rows one after the other, which costs nothing there. Postgres gets one array for
each column and unnests them: the text stays the same for every number of rows, so that it is
prepared once, and nobody renders or parses a long list of values.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    Connection,
    Table,
    any_,
    bindparam,
    column,
    func,
    select,
    tuple_,
    update,
)
from sqlalchemy import delete as delete_from
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.sql.elements import ColumnClause, ColumnElement
from sqlalchemy.sql.selectable import TableValuedAlias

Row = Mapping[str, Any]

# no parameter may be called like a column, or SQLAlchemy would set that column to it
_PREFIX = "each_"


def insert_rows(table: Table, names: Sequence[str], dialect: str) -> Any:
    """Return an INSERT that knows ON CONFLICT, for `run_rows`.

    Args:
        table: where to.
        names: the columns that each row has; all others get their defaults.
        dialect: the name of the database's dialect.
    """
    columns = [table.c[name] for name in names]
    if dialect == "sqlite":
        return sqlite_insert(table).values({c: bindparam(_PREFIX + c.name) for c in columns})
    return postgresql_insert(table).from_select(list(names), select(_unnested(columns)))


def update_rows(
    table: Table, keys: Sequence[str], names: Sequence[str], dialect: str, was: Sequence[str] = ()
) -> Any:
    """Return an UPDATE of the named columns in the rows that the keys tell, for `run_rows`.

    Args:
        table: where.
        keys: the columns that tell a row.
        names: the columns that change.
        dialect: the name of the database's dialect.
        was: columns that must still have the value which each row gives as `was_<name>`.
    """
    columns = [table.c[name] for name in (*keys, *names)]
    given = _given(
        [*columns, *(column(f"was_{name}", table.c[name].type) for name in was)], dialect
    )
    same = [table.c[key] == given[key] for key in keys]
    same += [table.c[name] == given[f"was_{name}"] for name in was]
    return update(table).where(*same).values({name: given[name] for name in names})


def delete_rows(table: Table, keys: Sequence[str], dialect: str) -> Any:
    """Return a DELETE of the rows that the keys tell, for `run_rows`."""
    given = _given([table.c[key] for key in keys], dialect)
    return delete_from(table).where(*(table.c[key] == given[key] for key in keys))


def run_rows(connection: Connection, statement: Any, rows: Sequence[Row]) -> Any:
    """Run a statement of this module on rows that all have the same names; at least one."""
    if connection.dialect.name == "sqlite":
        given = [{_PREFIX + name: value for name, value in row.items()} for row in rows]
        return connection.execute(statement, given if len(given) > 1 else given[0])
    return connection.execute(
        statement, {_PREFIX + name: [row[name] for row in rows] for name in rows[0]}
    )


def among(columns: Sequence[Column[Any]], dialect: str) -> ColumnElement[bool]:
    """Return the condition that these columns are one of the tuples given by `tuples`."""
    if dialect == "sqlite":
        wanted: BindParameter[Any] = bindparam(_PREFIX + "tuple", expanding=True)
        return tuple_(*columns).in_(wanted) if len(columns) > 1 else columns[0].in_(wanted)
    if len(columns) > 1:
        return tuple_(*columns).in_(select(_unnested(columns)))
    return columns[0] == any_(_array(columns[0]))


def tuples(
    columns: Sequence[Column[Any]], dialect: str, values: Iterable[Sequence[Any]]
) -> dict[str, Any]:
    """Return the parameters of `among`: values in the order of the columns."""
    rows = [tuple(value) for value in values]
    if dialect == "sqlite":
        return {_PREFIX + "tuple": rows if len(columns) > 1 else [row[0] for row in rows]}
    return {_PREFIX + c.name: [row[i] for row in rows] for i, c in enumerate(columns)}


def _given(columns: Sequence[ColumnClause[Any]], dialect: str) -> Any:
    """Return the values of a row by name, as the statement sees them."""
    if dialect == "sqlite":
        return {c.name: bindparam(_PREFIX + c.name) for c in columns}
    return _unnested(columns).c


def _unnested(columns: Sequence[ColumnClause[Any]]) -> TableValuedAlias:
    named = [column(c.name, c.type) for c in columns]
    return func.unnest(*map(_array, columns)).table_valued(*named, name="given").render_derived()


def _array(of: ColumnClause[Any]) -> BindParameter[Any]:
    return bindparam(_PREFIX + of.name, type_=ARRAY(of.type))
