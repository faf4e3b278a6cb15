"""Message handlers: event type to use case."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from sqlalchemy import Connection

from chassis.envelope import Message
from chassis.messaging.receiving.worker import Subscriptions
from chassis.storage.database import after_commit
from intake import events, use_cases

Wake: TypeAlias = Callable[[], None]


def subscriptions(wake: Wake) -> Subscriptions:
    """Returns topic -> event type -> handler.

    Args:
        wake: Wakes the processes in which clients wait; called after the commit.
    """

    def note(connection: Connection, messages: Sequence[Message]) -> None:
        use_cases.note_results(connection, [events.result_of(message) for message in messages])
        after_commit(connection, wake)

    return {
        events.ASSESSMENTS: {events.ASSESSED: note, events.STOPPED: note},
        events.PLANS: dict.fromkeys((*events.PLANNED, events.STOPPED), note),
    }


def on_quarantine(wake: Wake) -> Callable[[Connection, Message, str], None]:
    """Returns what happens when a message could not be applied: it is noted, and published."""

    def note(connection: Connection, message: Message, reason_code: str) -> None:
        use_cases.note_own_stop(connection, message, reason_code)
        after_commit(connection, wake)

    return note
