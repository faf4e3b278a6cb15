"""Statements that take any number of rows: one text, one round trip, however many they are.

SQLite gets the rows one after the other, which costs nothing there. Postgres gets one array for
each column and unnests them: the text stays the same for every number of rows, so that it is
prepared once, and nobody renders or parses a long list of values.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
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

from chassis.storage.deferred import defer

Row = Mapping[str, Any]

# no parameter may be called like a column, or SQLAlchemy would set that column to it
_PREFIX = "each_"


class RowsStatement:
    """A statement for `run_rows` and `defer_rows`, in a form for one row and one for many.

    One row travels as plain parameters, which the driver packs several times faster than arrays.
    """

    def __init__(self, one: Any, many: Any) -> None:
        """Use `insert_rows`, `update_rows` or `delete_rows` instead."""
        self.one = one
        self.many = many

    @property
    def excluded(self) -> Any:
        """The row that an INSERT proposed, as ON CONFLICT sees it."""
        return self.one.excluded

    def on_conflict_do_nothing(self) -> "RowsStatement":
        """Leave alone what is there."""
        return self._each(lambda form: form.on_conflict_do_nothing())

    def on_conflict_do_update(self, **how: Any) -> "RowsStatement":
        """Change what is there."""
        return self._each(lambda form: form.on_conflict_do_update(**how))

    def returning(self, *columns: Any) -> "RowsStatement":
        """Return columns of each row."""
        return self._each(lambda form: form.returning(*columns))

    def _each(self, change: Callable[[Any], Any]) -> "RowsStatement":
        same = self.one is self.many
        one = change(self.one)
        return RowsStatement(one, one if same else change(self.many))


def insert_rows(table: Table, names: Sequence[str], dialect: str) -> RowsStatement:
    """Return an INSERT that knows ON CONFLICT, for `run_rows`.

    Args:
        table: where to.
        names: the columns that each row has; all others get their defaults.
        dialect: the name of the database's dialect.
    """
    columns = [table.c[name] for name in names]
    values: Any = {c: bindparam(_PREFIX + c.name) for c in columns}
    if dialect == "sqlite":
        one = sqlite_insert(table).values(values)
        return RowsStatement(one, one)
    many = postgresql_insert(table).from_select(list(names), select(_unnested(columns)))
    # inline: nobody reads the id that the database gives
    return RowsStatement(postgresql_insert(table).values(values).inline(), many)


def update_rows(
    table: Table, keys: Sequence[str], names: Sequence[str], dialect: str, was: Sequence[str] = ()
) -> RowsStatement:
    """Return an UPDATE of the named columns in the rows that the keys tell, for `run_rows`.

    Args:
        table: where.
        keys: the columns that tell a row.
        names: the columns that change.
        dialect: the name of the database's dialect.
        was: columns that must still have the value which each row gives as `was_<name>`.
    """
    columns: list[ColumnClause[Any]] = [table.c[name] for name in (*keys, *names)]
    columns += [column(f"was_{name}", table.c[name].type) for name in was]

    def form(given: Any) -> Any:
        same = [table.c[key] == given[key] for key in keys]
        same += [table.c[name] == given[f"was_{name}"] for name in was]
        return update(table).where(*same).values({name: given[name] for name in names})

    return _forms(form, columns, dialect)


def delete_rows(table: Table, keys: Sequence[str], dialect: str) -> RowsStatement:
    """Return a DELETE of the rows that the keys tell, for `run_rows`."""

    def form(given: Any) -> Any:
        return delete_from(table).where(*(table.c[key] == given[key] for key in keys))

    return _forms(form, [table.c[key] for key in keys], dialect)


def run_rows(connection: Connection, statement: RowsStatement, rows: Sequence[Row]) -> Any:
    """Run a statement of this module on rows that all have the same names; at least one."""
    if connection.dialect.name == "sqlite" or len(rows) == 1:
        given = [{_PREFIX + name: value for name, value in row.items()} for row in rows]
        return connection.execute(statement.one, given if len(given) > 1 else given[0])
    return connection.execute(statement.many, _columns(rows))


def defer_rows(connection: Connection, statement: RowsStatement, rows: Sequence[Row]) -> None:
    """Run a statement whose result nobody reads, at the latest before the commit.

    On Postgres it is sent together with what else was deferred (`chassis.storage.deferred`).
    """
    if connection.dialect.name == "sqlite":
        run_rows(connection, statement, rows)
    elif len(rows) == 1:
        given = {_PREFIX + name: value for name, value in rows[0].items()}
        defer(connection, statement.one, given)
    else:
        defer(connection, statement.many, _columns(rows))


def _columns(rows: Sequence[Row]) -> dict[str, list[Any]]:
    return {_PREFIX + name: [row[name] for row in rows] for name in rows[0]}


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


def _forms(
    form: Callable[[Any], Any], columns: Sequence[ColumnClause[Any]], dialect: str
) -> RowsStatement:
    one = form({c.name: bindparam(_PREFIX + c.name, type_=c.type) for c in columns})
    return RowsStatement(one, one if dialect == "sqlite" else form(_unnested(columns).c))


def _unnested(columns: Sequence[ColumnClause[Any]]) -> TableValuedAlias:
    named = [column(c.name, c.type) for c in columns]
    return func.unnest(*map(_array, columns)).table_valued(*named, name="given").render_derived()


def _array(of: ColumnClause[Any]) -> BindParameter[Any]:
    return bindparam(_PREFIX + of.name, type_=ARRAY(of.type))
