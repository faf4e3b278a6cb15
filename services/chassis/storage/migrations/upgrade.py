"""Applies revisions with Alembic."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect, text

from chassis.storage.database import Database
from chassis.storage.migrations.schema import SchemaMismatch, current_revision, revisions

_LOCK: Final = 0x6D696772617465  # one number for all of a database's migrators
_EARLIER_TABLE: Final = "schema_version"


def migrate(database: Database, folder: Path) -> list[str]:
    """Bring the database to the newest schema.

    Each revision is a transaction of its own; two migrators take turns.

    Args:
        database: what to change.
        folder: see `revisions`.

    Returns:
        The names of the revisions that were applied now, in order.

    Raises:
        MigrationError: the revisions are not one line.
        SchemaMismatch: the database was made before revisions were Alembic's.
    """
    known = revisions(folder)
    return [name for number, name in known.items() if _apply(database, folder, number)]


def configuration(folder: Path, connection: Connection) -> Config:
    """Return Alembic's configuration for the revisions of a folder."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("version_locations", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.attributes["connection"] = connection
    return config


def _apply(database: Database, folder: Path, number: str) -> bool:
    with database.write() as connection:
        if database.dialect == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        current = current_revision(connection)
        if current is None and inspect(connection).has_table(_EARLIER_TABLE):
            raise SchemaMismatch(
                "the database was made before version 0.2.0, whose schema begins anew: "
                "remove it and start again"
            )
        if current is not None and current >= number:
            return False
        command.upgrade(configuration(folder, connection), number)
    return True
