"""Durations of transactions."""

from typing import Final

from chassis.telemetry import BUCKETS, Histogram

TRANSACTIONS: Final = Histogram(
    "db_tx_duration_seconds",
    "Time of a transaction, waiting for the database included.",
    ("kind",),
    buckets=BUCKETS,
)


def observe_transaction(kind: str, seconds: float) -> None:
    """Count a transaction of a database."""
    TRANSACTIONS.labels(kind).observe(seconds)
