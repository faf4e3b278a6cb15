"""What several tables share: numbers, streams, and statements that only one database knows."""

from typing import Any

from sqlalchemy import DDL, BigInteger, Column, Identity, Integer, Table, Text, event

# SQLite counts in its own INTEGER; Postgres needs the wide type
IdType = BigInteger().with_variant(Integer, "sqlite")


def id_column() -> Column[Any]:
    """Return a number that the database gives; rows of one transaction get theirs in order."""
    # no cache: the connections of one service must not give out numbers from different blocks
    return Column("id", IdType, Identity(cache=1), primary_key=True, autoincrement=True)


def stream_columns(*, primary_key: bool = False) -> list[Column[Any]]:
    """Return the columns that name a stream, the same in every table that has them."""
    names = ("topic", "tenant_id", "subject")
    return [Column(name, Text, nullable=False, primary_key=primary_key) for name in names]


def after_create(table: Table, dialect: str, *statements: str) -> None:
    """Run statements when the table is made, on one kind of database only."""
    make: Any = DDL  # its constructor has no annotations
    for statement in statements:
        event.listen(table, "after_create", make(statement).execute_if(dialect=dialect))


def updated_in_place(table: Table) -> None:
    """Leave room on each page of a table whose rows change often, and sweep it early (Postgres)."""
    after_create(
        table,
        "postgresql",
        f"ALTER TABLE {table.name} SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02)",
    )


def stored_as_given(table: Table, *columns: str) -> None:
    """Keep values of these columns uncompressed, and in the row itself up to 8 kB (Postgres).

    To compress a body of some kilobytes and to cut it into pieces costs more than to write it.
    """
    kept = ", ".join(f"ALTER COLUMN {name} SET STORAGE EXTERNAL" for name in columns)
    after_create(
        table, "postgresql", f"ALTER TABLE {table.name} {kept}, SET (toast_tuple_target = 8160)"
    )
