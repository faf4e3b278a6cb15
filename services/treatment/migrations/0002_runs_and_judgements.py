"""Which rule sets ran with which evaluator, and how each rule came out each time."""

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    MetaData,
    Table,
    Text,
    insert,
    literal,
    select,
)

from rules.catalogue.serving.judgements import judgement_table, run_table

FIRST_EVALUATOR = "treatment 1"  # every set that was kept before this ran with it


def upgrade(connection: Connection) -> None:
    """Creates both tables; sets that were kept already ran when they were kept."""
    metadata = MetaData()
    runs = run_table(metadata)
    judgement_table(metadata)
    metadata.create_all(connection)
    kept = Table(
        "guidance",
        MetaData(),
        Column("sha256", Text, primary_key=True),
        Column("first_run_at", BigInteger, nullable=False),
    )
    known = select(kept.c.sha256, literal(FIRST_EVALUATOR), kept.c.first_run_at)
    columns = ["sha256", "evaluator", "first_run_at"]
    connection.execute(insert(runs).from_select(columns, known))
