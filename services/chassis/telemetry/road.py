"""Counts and durations of the road between database and broker."""

from typing import Final

from chassis.telemetry import BUCKETS, Counter, Histogram

PUBLISHED: Final = Counter(
    "outbox_published_total", "Events handed to the broker, by how it went.", ("result",)
)
PUBLISHING: Final = Histogram(
    "relay_publish_duration_seconds", "Time until the broker answered a batch.", buckets=BUCKETS
)
SENT: Final = Counter(
    "messaging_client_sent_messages_total", "Events that the broker has acknowledged."
)
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
TRANSACTIONS: Final = Histogram(
    "db_tx_duration_seconds",
    "Time of a transaction, waiting for the database included.",
    ("kind",),
    buckets=BUCKETS,
)
