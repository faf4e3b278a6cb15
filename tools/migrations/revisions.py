"""Renders the difference between models and revisions as the next revision."""

import importlib
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from alembic.operations.ops import (
    CreateTableOp,
    MigrateOperation,
    ModifyTableOps,
    UpgradeOps,
)
from sqlalchemy import DDL, CheckConstraint, MetaData, Table

from chassis.storage.database import Database
from chassis.storage.migrations.schema import revisions
from chassis.storage.migrations.upgrade import migrate

DIALECTS: Final = ("sqlite", "postgresql")
WIDTH: Final = 80


def write(package: Path, message: str, *, anew: bool) -> Path | None:
    """Write the next revision of a service; returns its file, None if nothing has changed.

    Args:
        package: the service's folder; its tables are `models.METADATA`.
        message: what the revision does, in a few words.
        anew: remove all revisions first.
    """
    folder = package / "migrations"
    folder.mkdir(exist_ok=True)
    if anew:
        for path in folder.glob("[0-9]*.py"):
            path.unlink()
    metadata: MetaData = importlib.import_module(f"{package.name}.models").METADATA
    previous = max(revisions(folder)) if any(folder.glob("[0-9]*.py")) else None
    tables = list(_operations(folder, metadata, applied=previous is not None))
    if not tables:
        return None
    number = f"{int(previous or 0) + 1:04}"
    path = folder / f"{number}_{message.lower().replace(' ', '_')}.py"
    path.write_text(_module(message, number, previous, metadata, tables), encoding="utf-8")
    ruff = [str(Path(sys.executable).parent / "ruff"), "format", "--quiet", str(path)]
    subprocess.run(ruff, check=True)
    return path


def _operations(
    folder: Path, metadata: MetaData, *, applied: bool
) -> Iterator[tuple[str, list[MigrateOperation]]]:
    """Yield the operations for each table that differs."""
    with (
        tempfile.TemporaryDirectory() as scratch,
        closing(Database.open(f"sqlite:///{scratch}/schema.db")) as database,
    ):
        if applied:
            migrate(database, folder)
        with database.read() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            script = produce_migrations(context, metadata)
    found: dict[str, list[MigrateOperation]] = {}
    upgrade = script.upgrade_ops
    for operation in upgrade.ops if upgrade else ():
        table: Any = operation
        found.setdefault(table.table_name, []).extend(
            operation.ops if isinstance(operation, ModifyTableOps) else [operation]
        )
    yield from found.items()


def _module(
    message: str,
    number: str,
    previous: str | None,
    metadata: MetaData,
    tables: list[tuple[str, list[MigrateOperation]]],
) -> str:
    calls = "\n".join(f"    _{name}()" for name, _ in tables)
    functions = "\n\n\n".join(
        f"def _{name}() -> None:\n{textwrap.indent(_body(metadata.tables.get(name), ops), '    ')}"
        for name, ops in tables
    )
    return (
        f'"""{message.capitalize()}."""\n\nimport sqlalchemy as sa\nfrom alembic import op\n\n'
        f"revision = {number!r}\ndown_revision = {previous!r}\n\n\n"
        f'def upgrade() -> None:\n    """Apply the revision."""\n{calls}\n\n\n{functions}\n'
    )


def _body(table: Table | None, operations: list[MigrateOperation]) -> str:
    for operation in operations:
        if isinstance(operation, CreateTableOp) and table is not None:
            operation.columns = [*operation.columns, *_column_constraints(table)]
    code = render_python_code(UpgradeOps(ops=operations)).splitlines()
    kept = [line for line in code if not line.lstrip().startswith("#")]
    lines = textwrap.dedent("\n".join(kept)).splitlines()
    if table is not None and any(isinstance(each, CreateTableOp) for each in operations):
        lines += _statements(table)
    return "\n".join(lines)


def _column_constraints(table: Table) -> Iterator[CheckConstraint]:
    """Yield what a column demands of itself, which Alembic leaves out, as demands of the table."""
    for column in table.columns:
        for constraint in column.constraints:
            if isinstance(constraint, CheckConstraint):
                yield CheckConstraint(str(constraint.sqltext), name=constraint.name)


def _statements(table: Table) -> Iterator[str]:
    """Yield what is run beside CREATE TABLE: triggers and storage options of one dialect."""
    listeners: Any = table.dispatch.after_create  # type: ignore[attr-defined]
    for dialect in DIALECTS:
        statements = [
            listener.statement
            for listener in listeners
            if isinstance(listener, DDL) and _dialect(listener) == dialect
        ]
        if statements:
            yield f'if op.get_context().dialect.name == "{dialect}":'
        for statement in statements:
            wrapped = textwrap.wrap(
                " ".join(statement.split()), WIDTH, drop_whitespace=False, break_long_words=False
            )
            yield "    op.execute(" + "\n        ".join(map(_quoted, wrapped)) + ")"


def _dialect(statement: Any) -> str:
    name: str = statement._ddl_if.dialect  # noqa: SLF001 - there is no public way to ask
    return name


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'
