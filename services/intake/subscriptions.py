"""Message doors: which events are heard, and what is done with them."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from sqlalchemy import Connection

from chassis.envelope import Message
from chassis.messaging.receiving.worker import Subscriptions
from chassis.storage.database import after_commit
from intake import events, use_cases

Ring: TypeAlias = Callable[[], None]


def subscriptions(ring: Ring) -> Subscriptions:
    """Returns topic -> event type -> handler.

    Args:
        ring: Wakes the processes in which clients wait; called after the commit.
    """

    def note(connection: Connection, messages: Sequence[Message]) -> None:
        use_cases.note_all(connection, [events.heard(message) for message in messages])
        after_commit(connection, ring)

    return {
        events.ASSESSMENTS: {events.ASSESSED: note, events.STOPPED: note},
        events.PLANS: dict.fromkeys((*events.PLANNED, events.STOPPED), note),
    }


def on_quarantine(ring: Ring) -> Callable[[Connection, Message, str], None]:
    """Returns what happens when a message could not be applied: it is noted, and told."""

    def note(connection: Connection, message: Message, reason_code: str) -> None:
        use_cases.note_trouble(connection, message, reason_code)
        after_commit(connection, ring)

    return note
