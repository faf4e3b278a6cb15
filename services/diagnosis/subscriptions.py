"""Message handlers: which events are read, and what is done with them."""

from collections.abc import Sequence

from sqlalchemy import Connection

from chassis.envelope import Message
from chassis.messaging.receiving.worker import Subscriptions
from diagnosis import events, use_cases
from diagnosis.judge import Ruleset
from diagnosis.write import load_sentences
from rules.language.sentences import Sentences


def subscriptions(ruleset: Ruleset, sentences: Sentences | None = None) -> Subscriptions:
    """Returns topic -> event type -> handler, judging with a rule set and writing with a wording.

    Args:
        ruleset: All rules of all dates.
        sentences: The wording; that of this program, if left out.
    """
    wording = sentences or load_sentences()

    def assess(connection: Connection, messages: Sequence[Message]) -> None:
        use_cases.assess_cases(connection, ruleset, wording, messages)

    return {events.CASES: {events.SUBMITTED: assess, events.REVISED: assess}}


def on_quarantine(connection: Connection, message: Message, reason_code: str) -> None:
    """Notes that a message could not be applied and now blocks its case."""
    use_cases.note_trouble(connection, message, reason_code)
