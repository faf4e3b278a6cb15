"""Migrations are one line of numbered revisions, applied once each."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect

from chassis.storage.database import Database
from chassis.storage.migrations import MigrationError, SchemaMismatch, check
from chassis.storage.migrations.upgrade import migrate

REVISION = """
from alembic import op

revision = {number!r}
down_revision = {previous!r}


def upgrade():
    {body}
"""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database.open(f"sqlite:///{tmp_path}/a.db")
    yield made
    made.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "50 % migrations"
    made.mkdir()
    add(made, "0001_first", "op.execute('CREATE TABLE a (x INTEGER)')")
    return made


def add(folder: Path, name: str, body: str) -> None:
    number = int(name[:4])
    previous = f"{number - 1:04}" if number > 1 else None
    text = REVISION.format(number=f"{number:04}", previous=previous, body=body)
    (folder / f"{name}.py").write_text(text)


def tables(database: Database) -> set[str]:
    with database.read() as connection:
        return set(inspect(connection).get_table_names())


def test_each_is_applied_once_and_in_order(database: Database, folder: Path) -> None:
    assert migrate(database, folder) == ["0001_first"]
    add(folder, "0002_second", "op.execute('CREATE TABLE c (x INTEGER)')")
    assert migrate(database, folder) == ["0002_second"]
    assert migrate(database, folder) == []
    assert tables(database) == {"a", "c", "alembic_version"}
    check(database, folder)


def test_one_that_fails_leaves_nothing_and_those_before_it_stay(
    database: Database, folder: Path
) -> None:
    body = "op.execute('CREATE TABLE c (x INTEGER)')\n    raise ZeroDivisionError"
    add(folder, "0002_second", body)
    with pytest.raises(ZeroDivisionError):
        migrate(database, folder)
    assert tables(database) == {"a", "alembic_version"}
    with pytest.raises(SchemaMismatch, match="at 0001_first, 0002_second is needed"):
        check(database, folder)


def test_a_new_database_says_what_to_do(database: Database, folder: Path) -> None:
    with pytest.raises(SchemaMismatch, match="run the migrate command"):
        check(database, folder)


def test_the_program_before_goes_on_on_a_newer_database(database: Database, folder: Path) -> None:
    add(folder, "0002_second", "op.execute('CREATE TABLE c (x INTEGER)')")
    migrate(database, folder)
    (folder / "0002_second.py").unlink()
    check(database, folder)
    assert migrate(database, folder) == []


def test_a_database_from_before_alembic_is_refused_in_words(
    database: Database, folder: Path
) -> None:
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE schema_version (number INTEGER)")
    with pytest.raises(SchemaMismatch, match=r"made before version 0\.2\.0"):
        migrate(database, folder)


def test_two_migrators_apply_each_revision_once(tmp_path: Path, folder: Path) -> None:
    add(folder, "0002_second", "op.execute('CREATE TABLE c (x INTEGER)')")
    applied: list[str] = []

    def migrator() -> None:
        database = Database.open(f"sqlite:///{tmp_path}/shared.db")
        applied.extend(migrate(database, folder))
        database.close()

    threads = [threading.Thread(target=migrator) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(applied) == ["0001_first", "0002_second"]


def test_the_line_has_no_gap_and_no_fork(database: Database, folder: Path) -> None:
    add(folder, "0003_third", "pass")
    with pytest.raises(MigrationError, match="without gaps"):
        migrate(database, folder)
    (folder / "0003_third.py").rename(folder / "0001_other.py")
    with pytest.raises(MigrationError, match="without gaps"):
        check(database, folder)
