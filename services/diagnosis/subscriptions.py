"""Message doors: which events are heard, and what is done with them."""

from collections.abc import Sequence

from sqlalchemy import Connection

from chassis.envelope import Message
from chassis.messaging.receiving.worker import Subscriptions
from diagnosis import events, use_cases
from diagnosis.domain import Ruleset


def subscriptions(ruleset: Ruleset) -> Subscriptions:
    """Returns topic -> event type -> handler, judging with a ruleset."""

    def assess(connection: Connection, messages: Sequence[Message]) -> None:
        use_cases.assess_cases(connection, ruleset, messages)

    return {events.CASES: {events.SUBMITTED: assess, events.REVISED: assess}}


def on_quarantine(connection: Connection, message: Message, reason_code: str) -> None:
    """Tells that a message could not be applied and now blocks its case."""
    use_cases.note_trouble(connection, message, reason_code)
