"""The first schema: assessments and rulesets; outbox, inbox, audit."""

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

from chassis.messaging.receiving.inbox import inbox_tables
from chassis.messaging.sending.outbox import outbox_tables
from chassis.storage.audit import audit_table


def upgrade(connection: Connection) -> None:
    """Creates every table; written out, so that later changes of the models do not reach back."""
    metadata = MetaData()
    _assessments(metadata)
    _rulesets(metadata)
    _wordings(metadata)
    _served(metadata)
    outbox_tables(metadata)
    inbox_tables(metadata)
    audit_table(metadata)
    metadata.create_all(connection)


def _assessments(metadata: MetaData) -> None:
    Table(
        "assessments",
        metadata,
        Column("tenant_id", Text, primary_key=True),
        Column("case_id", Text, primary_key=True),
        Column("revision", Integer, primary_key=True, autoincrement=False),
        Column("judged_on", Text, nullable=False),
        Column("decision", LargeBinary, nullable=False),
        Column("brief", LargeBinary, nullable=False),
        Column("facts", LargeBinary, nullable=False),
        Column("active_flags", Text, nullable=False),
        Column("ruleset_sha256", Text, nullable=False),
        Column("wording_sha256", Text, nullable=False),
        Column("cause", Text, nullable=False),
        Column("assessed_at", BigInteger, nullable=False),
    )


def _rulesets(metadata: MetaData) -> None:
    Table(
        "rulesets",
        metadata,
        Column("sha256", Text, primary_key=True),
        Column("version", Text, nullable=False),
        Column("content", LargeBinary, nullable=False),
        Column("first_run_at", BigInteger, nullable=False),
    )


def _wordings(metadata: MetaData) -> None:
    Table(
        "wordings",
        metadata,
        Column("sha256", Text, primary_key=True),
        Column("version", Text, nullable=False),
        Column("content", LargeBinary, nullable=False),
        Column("first_used_at", BigInteger, nullable=False),
    )


def _served(metadata: MetaData) -> None:
    Table(
        "served",
        metadata,
        Column("tenant_id", Text, primary_key=True),
        Column("case_id", Text, primary_key=True),
        Column("revision", Integer, primary_key=True, autoincrement=False),
        Column("representation", Text, primary_key=True),
        Column("sha256", Text, nullable=False),
        Column("first_served_at", BigInteger, nullable=False),
    )
