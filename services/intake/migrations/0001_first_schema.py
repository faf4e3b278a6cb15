"""First schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Apply the revision."""
    _audit()
    _cases()
    _consumer_offset()
    _dead_letter()
    _delivery_attempt()
    _idempotency_key()
    _inbox_parked()
    _inbox_stream()
    _outbox()
    _outbox_pending()
    _outbox_sent()
    _results()
    _revisions()
    _stream_head()


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.Identity(always=False, cache=1),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("audit_subject", "audit", ["tenant_id", "subject"], unique=False)
    if op.get_context().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER audit_no_update BEFORE update ON audit BEGIN SELECT RAISE(ABORT, "
            "'audit is append-only'); END"
        )
        op.execute(
            "CREATE TRIGGER audit_no_delete BEFORE delete ON audit BEGIN SELECT RAISE(ABORT, "
            "'audit is append-only'); END"
        )
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            "CREATE OR REPLACE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE "
            "plpgsql AS $$ BEGIN RAISE EXCEPTION 'audit is append-only' USING ERRCODE = "
            "'restrict_violation'; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit FOR "
            "EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()"
        )


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("opened_on", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "case_id"),
    )
    op.create_index("cases_reference", "cases", ["tenant_id", "reference", "case_id"], unique=False)


def _consumer_offset() -> None:
    op.create_table(
        "consumer_offset",
        sa.Column("bus_id", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("next_offset", sa.BigInteger(), nullable=False),
        sa.Column("clean", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("bus_id", "topic", "part"),
        sqlite_with_rowid=False,
    )
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            "ALTER TABLE consumer_offset SET (fillfactor = 70, autovacuum_vacuum_scale_factor"
            " = 0.02)"
        )


def _dead_letter() -> None:
    op.create_table(
        "dead_letter",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.Identity(always=False, cache=1),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("bus_id", sa.Text(), nullable=True),
        sa.Column("part", sa.Integer(), nullable=True),
        sa.Column("off", sa.BigInteger(), nullable=True),
        sa.Column("tenant_id", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=True),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("status IN ('retry','open','done','skipped')"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("bus_id", "topic", "part", "off"),
        sa.UniqueConstraint("topic", "tenant_id", "subject", "seq"),
    )
    op.create_index("dead_letter_due", "dead_letter", ["topic", "status", "next_at"], unique=False)


def _delivery_attempt() -> None:
    op.create_table(
        "delivery_attempt",
        sa.Column("bus_id", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("off", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("bus_id", "topic", "part", "off"),
        sqlite_with_rowid=False,
    )


def _idempotency_key() -> None:
    op.create_table(
        "idempotency_key",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("response", sa.LargeBinary(), nullable=True),
        sa.Column("headers", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "client_id", "key"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_idempotency_key_created_at"), "idempotency_key", ["created_at"], unique=False
    )


def _inbox_parked() -> None:
    op.create_table(
        "inbox_parked",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("parked_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "tenant_id", "subject", "seq"),
    )


def _inbox_stream() -> None:
    op.create_table(
        "inbox_stream",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("blocked", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_event_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("topic", "tenant_id", "subject"),
        sqlite_with_rowid=False,
    )
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            "ALTER TABLE inbox_stream SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02)"
        )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.Identity(always=False, cache=1),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("length(payload) <= 900000"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("topic", "tenant_id", "subject", "seq"),
        sqlite_autoincrement=True,
    )
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            "ALTER TABLE outbox ALTER COLUMN headers SET STORAGE EXTERNAL, ALTER COLUMN "
            "payload SET STORAGE EXTERNAL, SET (toast_tuple_target = 8160)"
        )


def _outbox_pending() -> None:
    op.create_table(
        "outbox_pending",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("hold", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "outbox_pending_held",
        "outbox_pending",
        ["id"],
        unique=False,
        sqlite_where=sa.text("hold = 1"),
        postgresql_where=sa.text("hold = 1"),
    )
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            "ALTER TABLE outbox_pending SET (autovacuum_vacuum_scale_factor = 0, "
            "autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 0)"
        )


def _outbox_sent() -> None:
    op.create_table(
        "outbox_sent",
        sa.Column("sent_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sent_at", "first_id"),
        sqlite_with_rowid=False,
    )


def _results() -> None:
    op.create_table(
        "results",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("decision", sa.LargeBinary(), nullable=True),
        sa.Column("brief", sa.LargeBinary(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("headline", sa.LargeBinary(), nullable=True),
        sa.Column("stopped_by", sa.Text(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("noted_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('assessment','plan')"),
        sa.CheckConstraint("(decision IS NULL) <> (stopped_by IS NULL)", name="decided_or_stopped"),
        sa.CheckConstraint("(decision IS NULL) = (brief IS NULL)", name="decided_with_brief"),
        sa.PrimaryKeyConstraint("tenant_id", "case_id", "revision", "kind"),
    )
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            "ALTER TABLE results ALTER COLUMN decision SET STORAGE EXTERNAL, ALTER COLUMN "
            "brief SET STORAGE EXTERNAL, SET (toast_tuple_target = 8160)"
        )


def _revisions() -> None:
    op.create_table(
        "revisions",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("accepted_on", sa.Text(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "case_id", "revision"),
    )
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            "ALTER TABLE revisions ALTER COLUMN body SET STORAGE EXTERNAL, SET "
            "(toast_tuple_target = 8160)"
        )


def _stream_head() -> None:
    op.create_table(
        "stream_head",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "tenant_id", "subject"),
        sqlite_with_rowid=False,
    )
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            "ALTER TABLE stream_head SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02)"
        )
