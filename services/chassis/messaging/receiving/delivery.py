"""Applies a batch of messages inside one transaction: each once, in order, or kept for later."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from chassis.clock import now_us
from chassis.envelope import Message, UnreadableMessage, parse
from chassis.messaging.errors import Poison, explain
from chassis.messaging.port import Record
from chassis.messaging.receiving.admission import Breaker, Verdict, judge
from chassis.messaging.receiving.dead_letters import DIED, MOST_ATTEMPTS, DeadLetters
from chassis.messaging.receiving.inbox import Inbox, InboxTables, Stream, StreamKey
from chassis.storage.crash import crash_point
from chassis.storage.database import is_transient
from chassis.storage.errors import is_contention

log = logging.getLogger(__name__)

Handler = Callable[[Connection, Sequence[Message]], None]
OnQuarantine = Callable[[Connection, Message, str], None]

DRAIN_AT_ONCE = 200
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


class Delivery:
    """One transaction's work on one topic."""

    def __init__(self, connection: Connection, terms: TopicContext) -> None:
        """Bind it to a transaction that the worker opened and will close."""
        self._connection = connection
        self._terms = terms
        self._inbox = Inbox(connection, terms.tables, terms.topic)
        self._dead_letters = DeadLetters(connection, terms.tables)
        self._forbearing = True
        self.outcome = Outcome()

    def deliver(
        self, records: Sequence[Record], *, tries: int = 0, forbearing: bool = True
    ) -> None:
        """Apply, park, drop or set aside the records of one poll.

        Args:
            records: in the order of the log.
            tries: how often this one record has killed its process; 0 when nobody counted.
            forbearing: whether it is tried again when other transactions are in its way; if not,
                that is taken for an error of its own.
        """
        self._forbearing = forbearing
        messages = sorted(self._readable(records), key=lambda message: message.stream)
        if messages:
            streams = self._inbox.lock(message.stream for message in messages)
            crash_point("worker.after_lock")
            advanced = self._settle(messages, streams, tries)
            self.drain(advanced, streams)

    def drain(self, keys: set[StreamKey], streams: dict[StreamKey, Stream] | None = None) -> None:
        """Apply what was parked and has its turn; at most 200 messages, the rest comes later."""
        if not keys or not self._inbox.any_parked():
            return
        streams = self._inbox.lock(keys) if streams is None else streams
        room = DRAIN_AT_ONCE
        while keys and room > 0:
            waiting = self._inbox.waiting(keys, room)
            if not waiting:
                return
            room -= len(waiting)
            keys = self._settle(waiting, streams, parked=True)
            crash_point("worker.inside_drain")

    def retry(self, message: Message, row_id: int) -> None:
        """Try a dead letter again; only while it is still its turn."""
        streams = self._inbox.lock([message.stream])
        stream = streams[message.stream]
        if message.sequence <= stream.last:
            self._dead_letters.settle(row_id, "done")
            self._unblock(message, stream)
        elif message.sequence == stream.last + 1:
            error = self._run(message)
            if error is None:
                self._dead_letters.settle(row_id, "done")
                stream.last, stream.last_event_id = message.sequence, message.event_id
                self._unblock(message, stream)
                self.outcome.note(message, "retried")
                self.drain({message.stream}, streams)
            else:
                self._settle_failure(row_id, error)

    def _unblock(self, message: Message, stream: Stream) -> None:
        if stream.blocked <= message.sequence:
            stream.blocked = 0
        self._inbox.mark([(message.stream, stream)])

    def _settle_failure(self, row_id: int, error: Exception) -> None:
        code, reason, status = explain(error)
        if status == "open":
            self._dead_letters.settle(row_id, "open", code, reason)

    def _readable(self, records: Sequence[Record]) -> Iterator[Message]:
        for record in records:
            try:
                yield _read(record)
            except UnreadableMessage as error:
                self._dead_letters.add_unreadable(record, self._terms.bus_id, error.reason)
                self.outcome.unreadable += 1
                crash_point("worker.after_unreadable")

    def _settle(
        self,
        messages: Sequence[Message],
        streams: dict[StreamKey, Stream],
        tries: int = 0,
        *,
        parked: bool = False,
    ) -> set[StreamKey]:
        """Give each message what it deserves; returns the subjects that have moved on."""
        outcome = self._all_at_once(messages, streams) if len(messages) > 1 else None
        if outcome is None:
            outcome = self._one_by_one(messages, streams, tries)
        crash_point("worker.after_handlers")
        self._keep(outcome, streams, parked=parked)
        self.outcome.lines += outcome.lines
        self.outcome.unreadable += outcome.unreadable
        return {message.stream for message, what, _ in outcome.lines if what == "applied"}

    def _keep(self, outcome: Outcome, streams: dict[StreamKey, Stream], *, parked: bool) -> None:
        changed = {
            message.stream
            for message, what, _ in outcome.lines
            if what in {"applied", "quarantined"}
        }
        self._inbox.mark((key, streams[key]) for key in sorted(changed))
        if parked:
            gone = [(m.stream, m.sequence) for m, what, _ in outcome.lines if what != "parked"]
            self._inbox.unpark(gone)
        else:
            early = [message for message, what, _ in outcome.lines if what == "parked"]
            self._inbox.park(early)
            if early:
                crash_point("worker.after_park")
        crash_point("worker.after_marks")

    def _all_at_once(
        self, messages: Sequence[Message], streams: dict[StreamKey, Stream]
    ) -> Outcome | None:
        """Hope that nothing fails; None, and nothing done, if something does."""
        outcome = Outcome()
        hoped = {key: replace(stream) for key, stream in streams.items()}
        ready = []
        for message in messages:
            verdict = judge(message, hoped[message.stream])
            if verdict is Verdict.REUSED:
                return None
            outcome.note(message, _WORDS[verdict])
            if verdict is Verdict.APPLY:
                _advance(hoped[message.stream], message)
                ready.append(message)
        if self._try(ready) is not None:
            crash_point("worker.before_one_by_one")
            return None
        streams.update(hoped)
        return outcome

    def _one_by_one(
        self, messages: Sequence[Message], streams: dict[StreamKey, Stream], tries: int
    ) -> Outcome:
        outcome = Outcome()
        for message in messages:
            stream = streams[message.stream]
            verdict = judge(message, stream)
            if verdict is Verdict.REUSED:
                self._quarantine(message, stream, _REUSED, outcome)
            elif verdict is not Verdict.APPLY:
                outcome.note(message, _WORDS[verdict])
            elif tries > MOST_DEATHS:
                self._quarantine(message, stream, _DIED, outcome, attempts=MOST_ATTEMPTS)
            else:
                self._attempt(message, stream, outcome)
        return outcome

    def _attempt(self, message: Message, stream: Stream, outcome: Outcome) -> None:
        error = self._run(message)
        if error is None:
            _advance(stream, message)
            outcome.note(message, "applied")
        else:
            self._quarantine(message, stream, error, outcome)

    def _run(self, message: Message) -> Exception | None:
        return self._try([message])

    def _try(self, messages: Sequence[Message]) -> Exception | None:
        """Call the handlers in a savepoint; an error undoes the savepoint and is returned."""
        calls = list(_calls(messages, self._terms.handlers))
        if not calls:
            return None
        savepoint = self._connection.begin_nested()
        try:
            for handler, group in calls:
                handler(self._connection, group)
            crash_point("worker.before_release")
        except Exception as error:
            if self._passes(error):
                raise
            savepoint.rollback()
            crash_point("worker.after_rollback_to")
            return error
        savepoint.commit()
        return None

    def _passes(self, error: Exception) -> bool:
        """Tell whether to undo everything and try again, rather than to judge the message."""
        return is_transient(error) and (self._forbearing or not is_contention(error))

    def _quarantine(
        self,
        message: Message,
        stream: Stream,
        error: Exception,
        outcome: Outcome,
        *,
        attempts: int = 1,
    ) -> None:
        verdict = explain(error)
        stream.blocked = message.sequence
        outcome.note(message, "quarantined", verdict[0])
        self._terms.breaker.check(self.outcome.trail() + outcome.trail())
        next_at = self._terms.retry_at(attempts)
        first = self._dead_letters.add(
            message, self._terms.bus_id, verdict, attempts=attempts, next_at=next_at
        )
        if first:
            self._tell(message, verdict[0])
        crash_point("worker.after_quarantine")

    def _tell(self, message: Message, code: str) -> None:
        savepoint = self._connection.begin_nested()
        try:
            self._terms.on_quarantine(self._connection, message, code)
        except Exception as error:
            if self._passes(error):
                raise
            savepoint.rollback()  # that nobody could be told must not block everybody else
            log.exception(
                "a quarantined message could not be announced", extra={"event_id": message.event_id}
            )
        else:
            savepoint.commit()


MOST_DEATHS = 3
_REUSED = Poison("sequence-reused", "the sequence number was used before for another event")
# not tried again by itself: four restarts are enough, what comes next is for a person to say
_DIED = Poison(DIED, "the process died each time when it applied this message")
_WORDS = {Verdict.APPLY: "applied", Verdict.DUPLICATE: "duplicate", Verdict.PARK: "parked"}


def _read(record: Record) -> Message:
    if record.damage:
        raise UnreadableMessage(record.damage)
    return parse(record)


def _advance(stream: Stream, message: Message) -> None:
    stream.last, stream.last_event_id = message.sequence, message.event_id


def _calls(
    messages: Sequence[Message], handlers: Mapping[str, Handler]
) -> Iterator[tuple[Handler, list[Message]]]:
    """Group messages for handlers: each subject at most once per call, its own in order."""
    rounds: list[dict[Handler, list[Message]]] = []
    passed: dict[StreamKey, int] = {}
    for message in messages:
        handler = handlers.get(message.type)
        if handler is None:
            continue
        turn = passed.get(message.stream, 0)
        passed[message.stream] = turn + 1
        if turn == len(rounds):
            rounds.append({})
        rounds[turn].setdefault(handler, []).append(message)
    for groups in rounds:
        yield from groups.items()
