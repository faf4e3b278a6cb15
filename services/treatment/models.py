"""Tables: plans, the guidance and wording they were made with, and what makes messages reliable."""

from typing import Final

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, Table, Text

from chassis.messaging.receiving.inbox import inbox_tables
from chassis.messaging.sending.outbox import outbox_tables
from chassis.storage.audit import audit_table
from chassis.storage.columns import stored_as_given
from rules.catalogue.serving.judgements import judgement_table, run_table

METADATA: Final = MetaData()

PLANS: Final = Table(
    "plans",
    METADATA,
    Column("tenant_id", Text, primary_key=True),
    Column("case_id", Text, primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("judged_on", Text, nullable=False),
    Column("facts", LargeBinary, nullable=False),
    Column("previous_facts", LargeBinary),
    Column("assessment", LargeBinary, nullable=False),
    Column("assessment_brief", LargeBinary, nullable=False),
    Column("decision", LargeBinary, nullable=False),
    Column("brief", LargeBinary, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("guidance_sha256", Text, nullable=False),
    Column("wording_sha256", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("planned_at", BigInteger, nullable=False),
)
stored_as_given(PLANS, "facts", "assessment", "assessment_brief", "decision", "brief")

SERVED: Final = Table(
    "served",
    METADATA,
    Column("tenant_id", Text, primary_key=True),
    Column("case_id", Text, primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("representation", Text, primary_key=True),
    Column("sha256", Text, nullable=False),
    Column("served_at", BigInteger, nullable=False),
)

GUIDANCE: Final = Table(
    "guidance",
    METADATA,
    Column("sha256", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("first_run_at", BigInteger, nullable=False),
)

WORDINGS: Final = Table(
    "wordings",
    METADATA,
    Column("sha256", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("first_used_at", BigInteger, nullable=False),
)

RUNS: Final = run_table(METADATA)
JUDGEMENTS: Final = judgement_table(METADATA)
OUTBOX: Final = outbox_tables(METADATA)
INBOX: Final = inbox_tables(METADATA)
AUDIT: Final = audit_table(METADATA)
