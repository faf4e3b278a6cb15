"""Message doors: which events are heard, and what is done with them."""

from collections.abc import Sequence

from sqlalchemy import Connection

from chassis.envelope import Message
from chassis.knowledge import Knowledge
from chassis.messaging.worker import Subscriptions
from treatment import events, use_cases


def subscriptions(guidance: Knowledge) -> Subscriptions:
    """Returns topic -> event type -> handler, recommending by this guidance."""

    def recommend(connection: Connection, messages: Sequence[Message]) -> None:
        use_cases.recommend_plans(connection, guidance, messages)

    return {events.ASSESSMENTS: {events.ASSESSED: recommend}}


def on_quarantine(connection: Connection, message: Message, reason_code: str) -> None:
    """Tells that a message could not be applied and now blocks its case."""
    use_cases.note_trouble(connection, message, reason_code)
