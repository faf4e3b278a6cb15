"""Migrations by Alembic: linear revisions, each in a transaction of its own.

The check at the start of a process needs no Alembic; `upgrade` does.
"""

from chassis.storage.migrations.schema import MigrationError, SchemaMismatch, check

__all__ = ["MigrationError", "SchemaMismatch", "check"]
