"""The first schema: cases, revisions, results; outbox, inbox, idempotency keys, audit."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

from chassis.messaging.receiving.inbox import inbox_tables
from chassis.messaging.sending.outbox import outbox_tables
from chassis.storage.audit import audit_table
from chassis.storage.idempotency import idempotency_table


def upgrade(connection: Connection) -> None:
    """Creates every table; written out, so that later changes of the models do not reach back."""
    metadata = MetaData()
    _cases(metadata)
    _revisions(metadata)
    _results(metadata)
    outbox_tables(metadata)
    inbox_tables(metadata)
    idempotency_table(metadata)
    audit_table(metadata)
    metadata.create_all(connection)


def _cases(metadata: MetaData) -> None:
    table = Table(
        "cases",
        metadata,
        Column("tenant_id", Text, primary_key=True),
        Column("case_id", Text, primary_key=True),
        Column("reference", Text, nullable=False),
        Column("revision", Integer, nullable=False),
        Column("opened_on", Text, nullable=False),
        Column("opened_at", BigInteger, nullable=False),
    )
    Index("cases_reference", table.c.tenant_id, table.c.reference, table.c.case_id)


def _revisions(metadata: MetaData) -> None:
    Table(
        "revisions",
        metadata,
        Column("tenant_id", Text, primary_key=True),
        Column("case_id", Text, primary_key=True),
        Column("revision", Integer, primary_key=True, autoincrement=False),
        Column("contact", Text, nullable=False),
        Column("accepted_on", Text, nullable=False),
        Column("accepted_at", BigInteger, nullable=False),
        Column("body", LargeBinary, nullable=False),
    )


def _results(metadata: MetaData) -> None:
    Table(
        "results",
        metadata,
        Column("tenant_id", Text, primary_key=True),
        Column("case_id", Text, primary_key=True),
        Column("revision", Integer, primary_key=True, autoincrement=False),
        Column("kind", Text, CheckConstraint("kind IN ('assessment','plan')"), primary_key=True),
        Column("decision", LargeBinary),
        Column("brief", LargeBinary),
        Column("outcome", Text),
        Column("headline", LargeBinary),
        Column("stopped_by", Text),
        Column("reason_code", Text),
        Column("noted_at", BigInteger, nullable=False),
        CheckConstraint("(decision IS NULL) <> (stopped_by IS NULL)", name="decided_or_stopped"),
        CheckConstraint("(decision IS NULL) = (brief IS NULL)", name="decided_with_brief"),
    )
