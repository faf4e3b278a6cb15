"""Tables: cases with their revisions, the results of other services, and message delivery."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
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
from chassis.storage.columns import stored_as_given
from chassis.storage.idempotency import idempotency_table

METADATA: Final = MetaData()

CASES: Final = Table(
    "cases",
    METADATA,
    Column("tenant_id", Text, primary_key=True),
    Column("case_id", Text, primary_key=True),
    Column("reference", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("opened_on", Text, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
)
Index("cases_reference", CASES.c.tenant_id, CASES.c.reference, CASES.c.case_id)

REVISIONS: Final = Table(
    "revisions",
    METADATA,
    Column("tenant_id", Text, primary_key=True),
    Column("case_id", Text, primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("contact", Text, nullable=False),
    Column("accepted_on", Text, nullable=False),
    Column("accepted_at", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
stored_as_given(REVISIONS, "body")

RESULTS: Final = Table(
    "results",
    METADATA,
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
stored_as_given(RESULTS, "decision", "brief")

OUTBOX: Final = outbox_tables(METADATA)
INBOX: Final = inbox_tables(METADATA)
IDEMPOTENCY: Final = idempotency_table(METADATA)
AUDIT: Final = audit_table(METADATA)
