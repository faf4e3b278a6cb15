"""The migrations make exactly the tables that the models describe."""

from sqlalchemy import MetaData

from intake.models import METADATA


def test_a_migrated_database_has_the_tables_of_the_models(intake):
    found = MetaData()
    with intake.database.read() as connection:
        found.reflect(connection)
    tables = {name: table for name, table in found.tables.items() if name != "alembic_version"}
    assert tables.keys() == METADATA.tables.keys()
    for name, table in METADATA.tables.items():
        columns = {column.name: column.nullable for column in table.columns}
        assert {column.name: column.nullable for column in tables[name].columns} == columns
        assert _key(tables[name]) == _key(table)
        assert _indexes(tables[name]) >= _indexes(table)


def test_every_key_of_a_clinical_table_starts_with_the_tenant():
    for name in ("cases", "revisions", "results"):
        assert _key(METADATA.tables[name])[0] == "tenant_id"


def _key(table):
    return [column.name for column in table.primary_key.columns]


def _indexes(table):
    return {tuple(column.name for column in index.columns) for index in table.indexes}
