"""Message handlers: which events are read, and which use case each one starts."""

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import TypeAlias

from sqlalchemy import Connection

from chassis import clock
from chassis.envelope import Message
from chassis.messaging.receiving.worker import Subscriptions
from chassis.storage.database import after_commit
from rules import Knowledge
from treatment import events, use_cases
from treatment.write import load_sentences

Committed: TypeAlias = Callable[[Sequence[Message]], None]


def subscriptions(guidance: Knowledge, committed: Committed | None = None) -> Subscriptions:
    """Returns topic -> event type -> handler, recommending by this guidance.

    Args:
        guidance: All of it.
        committed: Is called after each commit with the messages that now have a plan.
    """
    sentences = load_sentences()

    def recommend(connection: Connection, messages: Sequence[Message]) -> None:
        use_cases.recommend_plans(connection, guidance, sentences, messages)
        if committed is not None:
            after_commit(connection, partial(committed, messages))

    return {events.ASSESSMENTS: {events.ASSESSED: recommend}}


@cache
def end_to_end() -> Committed:
    """Returns what measures, from the acceptance of a case to its plan, for Prometheus.

    The id of the event that intake wrote in the accepting transaction holds the time.
    """
    from chassis.telemetry import BUCKETS, Histogram  # noqa: PLC0415 - only if somebody looks

    took = Histogram(
        "case_end_to_end_duration_seconds", "From acceptance to the plan.", buckets=BUCKETS
    )

    def observe(messages: Sequence[Message]) -> None:
        now = clock.now_us()
        for message in messages:
            accepted = clock.made_at_us(message.causation_id or "")
            if accepted is not None:
                took.observe(max(0, now - accepted) / 1_000_000)

    return observe


def on_quarantine(connection: Connection, message: Message, reason_code: str) -> None:
    """Publishes that a message could not be applied and now blocks its case."""
    use_cases.note_trouble(connection, message, reason_code)
