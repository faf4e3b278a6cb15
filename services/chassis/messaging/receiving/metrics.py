"""Counts and durations of the worker."""

from collections.abc import Mapping
from typing import Final

from chassis.telemetry import BUCKETS, Counter, Histogram

CONSUMED: Final = Counter(
    "messaging_client_consumed_messages_total",
    "Messages read from the log or tried again, by what became of them.",
    ("outcome",),
)
DUPLICATES: Final = Counter(
    "inbox_duplicates_total", "Messages that had been applied before and changed nothing."
)
PROCESSING: Final = Histogram(
    "messaging_process_duration_seconds", "Time of one transaction of messages.", buckets=BUCKETS
)
BATCH: Final = Histogram(
    "messaging_process_batch_messages",
    "Messages in one transaction.",
    buckets=(1, 2, 5, 10, 20, 50, 100, 200),
)


def count_delivered(outcomes: Mapping[str, int], seconds: float | None) -> None:
    """Count the messages of one transaction; `seconds` is None when they came from the database."""
    for outcome, count in outcomes.items():
        CONSUMED.labels(outcome).inc(count)
    DUPLICATES.inc(outcomes.get("duplicate", 0))
    if seconds is not None:
        PROCESSING.observe(seconds)
        BATCH.observe(sum(outcomes.values()))
