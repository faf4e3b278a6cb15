"""What happened can be read, and neither changed nor removed."""

import pytest
from sqlalchemy import MetaData, delete, select, update
from sqlalchemy.exc import IntegrityError

from chassis.storage.audit import Audit, AuditRow, audit_table
from chassis.storage.database import Database
from chassis.storage.idempotency import idempotency_table

_metadata = MetaData()

_keys, _audit = idempotency_table(_metadata), audit_table(_metadata)

ROW = AuditRow("acme", "chair", 1, "order.placed", "client", "request-1", 5)


@pytest.fixture
def database(database: Database) -> Database:
    with database.write() as connection:
        _metadata.create_all(connection)
    return database


def test_audit_rows_can_be_read_and_neither_changed_nor_removed(database: Database) -> None:
    with database.write() as connection:
        Audit(connection, _audit).add_all([ROW, ROW])
        Audit(connection, _audit).add_all([])
    for forbidden in (update(_audit).values(actor="nobody"), delete(_audit)):
        with pytest.raises(IntegrityError, match="append-only"), database.write() as connection:
            connection.execute(forbidden)
    with database.read() as connection:
        assert connection.execute(select(_audit.c.actor)).scalars().all() == ["client", "client"]
