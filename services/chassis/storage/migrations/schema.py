"""Whether the schema of a database is the one that the program needs."""

import re
from pathlib import Path
from typing import Final

from sqlalchemy import Column, Connection, MetaData, Table, Text, inspect, select

from chassis.storage.database import Database

VERSION_TABLE: Final = "alembic_version"
_FILE: Final = re.compile(r"(\d{4})_[a-z0-9_]+\.py")
_version: Final = Table(VERSION_TABLE, MetaData(), Column("version_num", Text, primary_key=True))


class MigrationError(Exception):
    """The revisions of a service are not one line."""


class SchemaMismatch(Exception):
    """The database has not the tables that the program expects."""


def revisions(folder: Path) -> dict[str, str]:
    """Return the name of each revision by its number, oldest first.

    Args:
        folder: holds a file NNNN_name.py for each revision, numbered from 0001 without gaps.

    Raises:
        MigrationError: there is a gap, or a number twice.
    """
    files = sorted(path for path in folder.iterdir() if _FILE.fullmatch(path.name))
    numbers = [int(path.name[:4]) for path in files]
    if not files or numbers != list(range(1, len(files) + 1)):
        raise MigrationError(f"{folder} is not numbered 0001, 0002, ... without gaps")
    return {path.name[:4]: path.stem for path in files}


def check(database: Database, folder: Path) -> None:
    """Make sure that the database has at least the schema that the folder describes.

    In a rolling upgrade the database goes first, and the programs before have to go on, and to
    start again, on more than they know: migrations within a major version only add.

    Raises:
        SchemaMismatch: it does not; the sentence says what to do.
    """
    known = revisions(folder)
    newest = max(known)
    with database.read() as connection:
        current = current_revision(connection)
    if current is None:
        raise SchemaMismatch(
            f"the database has no schema yet, {known[newest]} is needed: run the migrate command"
        )
    if current < newest:
        raise SchemaMismatch(
            f"the database is at {known[current]}, {known[newest]} is needed: "
            "run the migrate command"
        )


def current_revision(connection: Connection) -> str | None:
    """Return the number of the newest revision that was applied, None if there is none."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(select(_version.c.version_num)).scalar()
