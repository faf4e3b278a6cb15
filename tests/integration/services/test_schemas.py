"""The migrations of each service make the same tables on both kinds of database."""

import importlib
from pathlib import Path

import pytest
from sqlalchemy import BigInteger, LargeBinary, MetaData, Table, Text, UniqueConstraint, inspect

from chassis.storage.database import Database
from chassis.storage.migrations import check, migrate

SERVICES = Path(__file__).parents[3] / "services"


@pytest.fixture(params=["intake", "diagnosis", "treatment"])
def service(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def migrated(database: Database, service: str) -> Database:
    migrate(database, SERVICES / service / "migrations")
    return database


def declared(service: str) -> MetaData:
    found: MetaData = importlib.import_module(f"{service}.models").METADATA
    return found


def test_they_end_where_the_program_begins(migrated: Database, service: str) -> None:
    check(migrated, SERVICES / service / "migrations")
    assert migrate(migrated, SERVICES / service / "migrations") == []


def test_they_make_the_tables_that_the_program_speaks_of(migrated: Database, service: str) -> None:
    with migrated.read() as connection:
        made = inspect(connection)
        tables = set(made.get_table_names()) - {"schema_version"}
        assert tables == set(declared(service).tables)
        for name, table in declared(service).tables.items():
            columns = {column["name"]: column for column in made.get_columns(name)}
            assert list(columns) == [column.name for column in table.columns]
            assert {n for n, c in columns.items() if not c["nullable"]} == {
                column.name for column in table.columns if not column.nullable
            }
            assert made.get_pk_constraint(name)["constrained_columns"] == [
                column.name for column in table.primary_key
            ]
            assert _uniques(made.get_unique_constraints(name)) == _uniques_of(table)
            assert {index["name"] for index in made.get_indexes(name)} >= {
                index.name for index in table.indexes
            }


def test_numbers_are_wide_and_bodies_are_bytes(migrated: Database, service: str) -> None:
    if migrated.dialect == "sqlite":
        wide, body = ("BIGINT", "INTEGER"), ("BLOB",)
    else:
        wide, body = ("BIGINT",), ("BYTEA",)
    with migrated.read() as connection:
        made = inspect(connection)
        for name, table in declared(service).tables.items():
            types = {column["name"]: str(column["type"]) for column in made.get_columns(name)}
            for column in table.columns:
                if isinstance(column.type, BigInteger):
                    assert types[column.name] in wide
                elif isinstance(column.type, LargeBinary):
                    assert types[column.name] in body
                elif isinstance(column.type, Text):
                    assert types[column.name] == "TEXT"


def _uniques(found: list[dict[str, list[str]]]) -> set[tuple[str, ...]]:
    return {tuple(sorted(each["column_names"])) for each in found}


def _uniques_of(table: Table) -> set[tuple[str, ...]]:
    return {
        tuple(sorted(column.name for column in constraint.columns))
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint)
    }
