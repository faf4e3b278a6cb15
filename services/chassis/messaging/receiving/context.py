"""What a delivery needs to know of its topic, and what it tells of its work."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from chassis.clock import now_us
from chassis.envelope import Message
from chassis.messaging.receiving.admission import Breaker
from chassis.messaging.receiving.inbox import InboxTables

Handler = Callable[[Connection, Sequence[Message]], None]
OnQuarantine = Callable[[Connection, Message, str], None]

FIRST_RETRY_US = 1_000_000
_LONGEST_RETRY_US = 60_000_000


@dataclass(frozen=True)
class TopicContext:
    """What stays the same from batch to batch of one topic.

    Attributes:
        tables: the inbox.
        topic: what is read.
        bus_id: the incarnation of it.
        handlers: what to do, by type; other types only move the sequence on.
        on_quarantine: called once of each message that blocks its subject.
        breaker: counts failures.
        retry_us: the first pause before a failed message is tried again; it doubles each time.
    """

    tables: InboxTables
    topic: str
    bus_id: str
    handlers: Mapping[str, Handler]
    on_quarantine: OnQuarantine
    breaker: Breaker
    retry_us: int = FIRST_RETRY_US

    def retry_at(self, attempts: int) -> int:
        """Return when a message that failed this often is tried again."""
        return now_us() + min(_LONGEST_RETRY_US, self.retry_us << min(attempts - 1, 16))


@dataclass
class Outcome:
    """What became of the messages of one transaction, for the log and the figures."""

    lines: list[tuple[Message, str, str]] = field(default_factory=list)
    unreadable: int = 0

    def note(self, message: Message, what: str, reason: str = "") -> None:
        """Write down what became of one message."""
        self.lines.append((message, what, reason))

    def counts(self) -> Mapping[str, int]:
        """Return how many messages each thing became of."""
        counted = Counter(what for _, what, _ in self.lines)
        counted.update({"unreadable": self.unreadable} if self.unreadable else {})
        return counted

    def trail(self) -> list[tuple[object, bool]]:
        """Return who was applied (False) or quarantined (True), in order."""
        judged = ("applied", "quarantined")
        return [
            (message.stream, what == judged[1]) for message, what, _ in self.lines if what in judged
        ]
