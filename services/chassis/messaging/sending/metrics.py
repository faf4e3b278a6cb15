"""Counts and durations of the relay."""

from collections.abc import Sequence
from typing import Final

from chassis.messaging.port import Failed, Ok
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


def count_published(results: Sequence[Ok | Failed], seconds: float) -> None:
    """Count a batch that was handed to the broker."""
    acknowledged = sum(isinstance(result, Ok) for result in results)
    SENT.inc(acknowledged)
    PUBLISHED.labels("ok").inc(acknowledged)
    PUBLISHED.labels("failed").inc(len(results) - acknowledged)
    PUBLISHING.observe(seconds)
