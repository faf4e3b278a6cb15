"""Deferred writes share a statement, are seen by what follows, and go with their transaction."""

from collections.abc import Sequence

import pytest
from sqlalchemy import BigInteger, Column, MetaData, Table, Text, func, select
from sqlalchemy.exc import IntegrityError
from tests.support.servers.databases import statements

from chassis.storage.bulk import defer_rows, insert_rows, update_rows
from chassis.storage.database import Database
from chassis.storage.deferred import discard, flush

_metadata = MetaData()
_things = Table(
    "things", _metadata, Column("name", Text, primary_key=True), Column("size", BigInteger)
)
_others = Table("others", _metadata, Column("name", Text, primary_key=True))


@pytest.fixture
def database(database: Database) -> Database:
    with database.write() as connection:
        _metadata.create_all(connection)
    return database


def add(connection: object, table: Table, names: Sequence[str]) -> None:
    dialect = connection.dialect.name  # type: ignore[attr-defined]
    rows = [{"name": name} for name in names]
    defer_rows(connection, insert_rows(table, ["name"], dialect), rows)  # type: ignore[arg-type]


def stored(database: Database, table: Table = _things) -> list[str]:
    with database.read() as connection:
        return list(connection.execute(select(table.c.name).order_by(table.c.name)).scalars())


def test_what_is_deferred_is_kept_with_its_transaction(database: Database) -> None:
    with database.write() as connection:
        add(connection, _things, ["a"])
        add(connection, _others, ["b", "c"])
    assert (stored(database), stored(database, _others)) == (["a"], ["b", "c"])


def test_what_is_deferred_shares_one_statement_on_a_server(database: Database) -> None:
    with database.write() as connection, statements(connection) as sent:
        add(connection, _things, ["a"])
        add(connection, _others, ["b", "c"])
        flush(connection)
    assert len(sent) == (1 if database.dialect == "postgresql" else 3)


def test_a_statement_sees_what_was_deferred_before_it(database: Database) -> None:
    with database.write() as connection:
        add(connection, _things, ["a", "b"])
        counted = connection.execute(select(func.count()).select_from(_things)).scalar_one()
        assert counted == 2


def test_two_writes_to_one_table_keep_their_order(database: Database) -> None:
    with database.write() as connection:
        add(connection, _things, ["a"])
        change = update_rows(_things, ["name"], ["size"], connection.dialect.name)
        defer_rows(connection, change, [{"name": "a", "size": 3}])
    with database.read() as connection:
        assert connection.execute(select(_things.c.size)).scalar_one() == 3


def fail_after(database: Database, names: Sequence[str]) -> None:
    with database.write() as connection:
        add(connection, _things, names)
        raise ZeroDivisionError


def test_what_fails_leaves_nothing_for_the_next_transaction(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        fail_after(database, ["a"])
    with database.write() as connection:
        add(connection, _things, ["b"])
    assert stored(database) == ["b"]


def add_twice(database: Database) -> None:
    with database.write() as connection:
        add(connection, _others, ["kept?"])
        add(connection, _things, ["a", "a"])


def test_an_error_of_a_deferred_write_undoes_everything(database: Database) -> None:
    with pytest.raises(IntegrityError):
        add_twice(database)
    assert (stored(database), stored(database, _others)) == ([], [])


def test_what_is_discarded_is_not_written(database: Database) -> None:
    at_once = database.dialect == "sqlite"  # nothing waits there
    with database.write() as connection:
        add(connection, _things, ["a"])
        discard(connection)
    assert stored(database) == (["a"] if at_once else [])
