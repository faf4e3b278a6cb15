"""The next revision is written from the difference between models and revisions."""

import sys
from contextlib import closing

import pytest
from sqlalchemy import BigInteger, CheckConstraint, Column, Index, MetaData, Table, Text, inspect
from tools.migrations.revisions import write

from chassis.storage.columns import after_create
from chassis.storage.database import Database
from chassis.storage.migrations.upgrade import migrate


def models(*more):
    metadata = MetaData()
    things = Table(
        "things",
        metadata,
        Column("name", Text, CheckConstraint("name <> ''"), primary_key=True),
        Column("at", BigInteger, nullable=False),
        *more,
    )
    Index("things_at", things.c.at, sqlite_where=things.c.at > 0)
    after_create(
        things,
        "sqlite",
        "CREATE TRIGGER no_delete BEFORE DELETE ON things BEGIN SELECT RAISE(ABORT, 'no'); END",
    )
    return type(sys)("made_up.models"), metadata


@pytest.fixture
def package(tmp_path, monkeypatch):
    folder = tmp_path / "made_up"
    folder.mkdir()
    module, module.METADATA = models()
    monkeypatch.setitem(sys.modules, "made_up", type(sys)("made_up"))
    monkeypatch.setitem(sys.modules, "made_up.models", module)
    return folder


def schema(url, folder):
    with closing(Database.open(url)) as database:
        migrate(database, folder)
        with database.read() as connection:
            made = inspect(connection)
            triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            return (
                [column["name"] for column in made.get_columns("things")],
                [each["sqltext"] for each in made.get_check_constraints("things")],
                [each["name"] for each in made.get_indexes("things")],
                list(connection.exec_driver_sql(triggers).scalars()),
            )


def test_the_first_revision_has_all_that_the_models_have(package, tmp_path):
    path = write(package, "first schema", anew=True)
    assert path == package / "migrations" / "0001_first_schema.py"
    assert "op.create_table" in path.read_text()
    assert "create_all" not in path.read_text()
    assert schema(f"sqlite:///{tmp_path}/a.db", path.parent) == (
        ["name", "at"],
        ["name <> ''"],
        ["things_at"],
        ["no_delete"],
    )
    assert write(package, "again", anew=False) is None


def test_the_next_one_has_the_difference_alone(package, tmp_path):
    write(package, "first schema", anew=True)
    sys.modules["made_up.models"].METADATA = models(Column("note", Text))[1]
    path = write(package, "a note on things", anew=False)
    assert path.name == "0002_a_note_on_things.py"
    assert "create_table" not in path.read_text()
    assert schema(f"sqlite:///{tmp_path}/a.db", path.parent)[0] == ["name", "at", "note"]
