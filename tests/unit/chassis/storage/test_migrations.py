"""Migrations are one line of numbered files, applied once each."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect

from chassis.storage.database import Database
from chassis.storage.migrations import MigrationError, SchemaMismatch, check, migrate


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database.open(f"sqlite:///{tmp_path}/a.db")
    yield made
    made.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "migrations"
    made.mkdir()
    (made / "0001_first.sql").write_text(
        "CREATE TABLE a (x INTEGER);\nCREATE TABLE b (x INTEGER);\n"
    )
    (made / "HEAD").write_text("0001_first\n")
    return made


def add(folder: Path, name: str, body: str) -> None:
    (folder / name).write_text(body)
    (folder / "HEAD").write_text(name.partition(".")[0])


def tables(database: Database) -> set[str]:
    with database.read() as connection:
        return set(inspect(connection).get_table_names())


def test_each_is_applied_once_and_in_order(database: Database, folder: Path) -> None:
    assert migrate(database, folder) == ["0001_first"]
    add(
        folder,
        "0002_second.py",
        "def upgrade(c):\n    c.exec_driver_sql('CREATE TABLE c (x INTEGER)')\n",
    )
    assert migrate(database, folder) == ["0002_second"]
    assert migrate(database, folder) == []
    assert tables(database) == {"a", "b", "c", "schema_version"}
    check(database, folder)


def test_one_that_fails_leaves_nothing(database: Database, folder: Path) -> None:
    migrate(database, folder)
    lines = ["def upgrade(c):", "    c.exec_driver_sql('CREATE TABLE c (x)')", "    1 / 0"]
    add(folder, "0002_second.py", "\n".join(lines))
    with pytest.raises(ZeroDivisionError):
        migrate(database, folder)
    assert "c" not in tables(database)
    with pytest.raises(SchemaMismatch, match="at 0001_first, 0002_second is needed"):
        check(database, folder)


def test_a_new_database_says_what_to_do(database: Database, folder: Path) -> None:
    with pytest.raises(SchemaMismatch, match="run the migrate command"):
        check(database, folder)


def test_the_program_before_goes_on_on_a_newer_database(database: Database, folder: Path) -> None:
    add(folder, "0002_second.sql", "CREATE TABLE c (x INTEGER);\n")
    migrate(database, folder)
    (folder / "0002_second.sql").unlink()
    (folder / "HEAD").write_text("0001_first")
    check(database, folder)


def test_the_line_has_no_gap_and_no_fork(database: Database, folder: Path) -> None:
    add(folder, "0003_third.sql", "SELECT 1;\n")
    with pytest.raises(MigrationError, match="without gaps"):
        migrate(database, folder)
    (folder / "0003_third.sql").rename(folder / "0001_other.sql")
    with pytest.raises(MigrationError, match="without gaps"):
        migrate(database, folder)


def test_head_names_the_newest(database: Database, folder: Path) -> None:
    (folder / "0002_second.sql").write_text("SELECT 1;\n")
    with pytest.raises(MigrationError, match="HEAD"):
        migrate(database, folder)
