"""The migrations of each service make the tables of its models on both kinds of database."""

import importlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import BigInteger, LargeBinary, MetaData, Text, inspect
from tests.support.servers.databases import NewDatabase

from chassis.storage.database import Database
from chassis.storage.migrations import check
from chassis.storage.migrations.upgrade import migrate

SERVICES = Path(__file__).parents[3] / "services"


@pytest.fixture(params=["intake", "diagnosis", "treatment"])
def service(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def migrated(database: Database, service: str) -> Database:
    migrate(database, SERVICES / service / "migrations")
    return database


@pytest.fixture
def modelled(new_database: NewDatabase, service: str) -> Iterator[Database]:
    """A database whose tables the models made themselves."""
    with closing(Database.open(new_database("modelled"))) as made:
        with made.write() as connection:
            declared(service).create_all(connection)
        yield made


def declared(service: str) -> MetaData:
    found: MetaData = importlib.import_module(f"{service}.models").METADATA
    return found


def test_they_end_where_the_program_begins(migrated: Database, service: str) -> None:
    check(migrated, SERVICES / service / "migrations")
    assert migrate(migrated, SERVICES / service / "migrations") == []


def test_they_make_exactly_what_the_models_make(migrated: Database, modelled: Database) -> None:
    assert schema(migrated) == schema(modelled)


def schema(database: Database) -> dict[str, Any]:
    """All that a database says of its tables: columns, keys, checks, indexes, triggers, options."""
    with database.read() as connection:
        found = inspect(connection)
        tables = set(found.get_table_names()) - {"alembic_version"}
        return {
            name: {
                "columns": [
                    (c["name"], str(c["type"]), c["nullable"], c["default"], str(c.get("identity")))
                    for c in found.get_columns(name)
                ],
                "key": found.get_pk_constraint(name)["constrained_columns"],
                "uniques": sorted(
                    each["column_names"] for each in found.get_unique_constraints(name)
                ),
                "checks": sorted(
                    _plain(each["sqltext"]) for each in found.get_check_constraints(name)
                ),
                "indexes": sorted(
                    (str(i["name"]), i["column_names"], i["unique"], _options(i))
                    for i in found.get_indexes(name)
                ),
                "beside": [
                    tuple(_plain(str(value)) for value in row)
                    for row in connection.exec_driver_sql(
                        _BESIDE[database.dialect].format(name=name)
                    )
                ],
            }
            for name in tables
        }


def _options(index: Any) -> list[tuple[str, str]]:
    """Whatever one dialect alone knows of an index, such as its condition."""
    return [(name, str(value)) for name, value in sorted(index["dialect_options"].items())]


def _plain(sql: str) -> str:
    return " ".join(sql.split())


_BESIDE = {
    "sqlite": "SELECT sql FROM sqlite_master WHERE tbl_name = '{name}' AND type = 'trigger' "
    "UNION ALL SELECT 'autoincrement' FROM sqlite_master "
    "WHERE name = '{name}' AND sql LIKE '% AUTOINCREMENT%' "
    "UNION ALL SELECT 'without rowid' FROM sqlite_master "
    "WHERE name = '{name}' AND sql LIKE '% WITHOUT ROWID' ORDER BY 1",
    "postgresql": "SELECT reloptions::text FROM pg_class WHERE oid = '{name}'::regclass "
    "UNION ALL SELECT pg_get_triggerdef(t.oid) || (SELECT prosrc FROM pg_proc p "
    "WHERE p.oid = t.tgfoid) FROM pg_trigger t "
    "WHERE tgrelid = '{name}'::regclass AND NOT tgisinternal ORDER BY 1",
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
