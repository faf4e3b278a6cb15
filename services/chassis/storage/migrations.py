"""Numbered, linear migrations: each in a transaction, the newest named by a HEAD file."""

import importlib.util
import re
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    MetaData,
    Table,
    Text,
    inspect,
    select,
    text,
)

from chassis.clock import now_us
from chassis.storage.database import Database

_NAME = re.compile(r"^(\d{4})_[a-z0-9_]+\.(?:sql|py)$")
_LOCK = 0x6D696772617465  # one number for all of a database's migrators

_version = Table(
    "schema_version",
    MetaData(),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("applied_at", BigInteger, nullable=False),
)


class MigrationError(Exception):
    """The migrations folder is not one line of numbered files ending in HEAD."""


class SchemaMismatch(Exception):
    """The database has not the tables yet that the program expects."""


def migrate(database: Database, folder: Path) -> list[str]:
    """Bring the database to the newest schema.

    Args:
        database: what to change.
        folder: holds NNNN_name.py (with `upgrade(connection) -> None`) or NNNN_name.sql files,
            numbered from 0001 without gaps, and HEAD with the stem of the newest.

    Returns:
        The stems that were applied now, in order.

    Raises:
        MigrationError: the folder is not linear, or HEAD names another file than the last.
    """
    return [path.stem for path in _files(folder) if _apply(database, path)]


def check(database: Database, folder: Path) -> None:
    """Make sure that the database has at least the schema that the folder describes.

    In a rolling upgrade the database goes first, and the programs before have to go on, and to
    start again, on more than they know: migrations within a major version only add.

    Raises:
        SchemaMismatch: it does not; the sentence says what to do.
    """
    newest = _files(folder)[-1].stem
    with database.read() as connection:
        current = _current(connection)
    if current is None:
        raise SchemaMismatch(
            f"the database has no schema yet, {newest} is needed: run the migrate command"
        )
    if current < newest:
        raise SchemaMismatch(
            f"the database is at {current}, {newest} is needed: run the migrate command"
        )


def _files(folder: Path) -> list[Path]:
    paths = sorted(path for path in folder.iterdir() if _NAME.match(path.name))
    numbers = [int(path.name[:4]) for path in paths]
    if not paths or numbers != list(range(1, len(paths) + 1)):
        raise MigrationError(f"{folder} is not numbered 0001, 0002, ... without gaps")
    head = (folder / "HEAD").read_text(encoding="utf-8").strip()
    if head != paths[-1].stem:
        raise MigrationError(f"HEAD of {folder} names {head}, the last file is {paths[-1].stem}")
    return paths


def _apply(database: Database, path: Path) -> bool:
    number = int(path.name[:4])
    with database.write() as connection:
        if database.dialect == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        _version.create(connection, checkfirst=True)
        if connection.execute(select(_version.c.name).where(_version.c.number == number)).first():
            return False
        _upgrade_of(path)(connection)
        connection.execute(
            _version.insert(), {"number": number, "name": path.stem, "applied_at": now_us()}
        )
    return True


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_version.name):
        return None
    return connection.execute(
        select(_version.c.name).order_by(_version.c.number.desc()).limit(1)
    ).scalar()


def _upgrade_of(path: Path) -> Callable[[Connection], None]:
    if path.suffix == ".sql":
        return lambda connection: _run_script(connection, path.read_text(encoding="utf-8"))
    spec = importlib.util.spec_from_file_location(f"migration_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise MigrationError(f"{path} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    upgrade: Callable[[Connection], None] = module.upgrade
    return upgrade


def _run_script(connection: Connection, script: str) -> None:
    for statement in script.split(";\n"):
        if statement.strip():
            connection.exec_driver_sql(statement)
