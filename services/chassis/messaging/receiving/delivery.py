"""Applies a batch of messages inside one transaction: each once, in order, or kept for later."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from enum import Enum, auto

from sqlalchemy import Connection

from chassis.envelope import Message
from chassis.messaging.errors import Poison, explain
from chassis.messaging.port import Record
from chassis.messaging.receiving.admission import Verdict, judge
from chassis.messaging.receiving.calls import calls, read_all
from chassis.messaging.receiving.context import Outcome, TopicContext
from chassis.messaging.receiving.dead_letters import DIED, MOST_ATTEMPTS, DeadLetters
from chassis.messaging.receiving.inbox import Inbox, Stream, StreamKey
from chassis.messaging.receiving.offsets import Move
from chassis.messaging.receiving.opening import open_batch
from chassis.storage.crash import crash_point
from chassis.storage.database import is_transient
from chassis.storage.deferred import discard, flush
from chassis.storage.errors import is_contention

log = logging.getLogger(__name__)

DRAIN_AT_ONCE = 200


class Manner(Enum):
    """How a delivery guards itself against messages that fail.

    * `AT_ONCE`: all messages share one call of their handlers, without a savepoint; if something
      fails, `Repeat` is raised, and the caller undoes the transaction and delivers `ONE_BY_ONE`.
    * `SAVEPOINT`: all messages share a call in a savepoint, and if that fails each has its own.
    * `ONE_BY_ONE`: each message has a savepoint of its own.
    """

    AT_ONCE = auto()
    SAVEPOINT = auto()
    ONE_BY_ONE = auto()


class Repeat(Exception):
    """A batch cannot be applied at once: undo it, and apply its messages one by one."""


class Delivery:
    """One transaction's work on one topic."""

    def __init__(
        self, connection: Connection, context: TopicContext, manner: Manner = Manner.SAVEPOINT
    ) -> None:
        """Bind it to a transaction that the worker opened and will close.

        Args:
            connection: the transaction.
            context: of the topic.
            manner: how it guards itself against messages that fail.
        """
        self._connection = connection
        self._context = context
        self._inbox = Inbox(connection, context.tables, context.topic)
        self._dead_letters = DeadLetters(connection, context.tables)
        self._manner = manner
        self._forbearing = True
        self.outcome = Outcome()

    def deliver(
        self,
        records: Sequence[Record],
        moves: Sequence[Move],
        *,
        tries: int = 0,
        forbearing: bool = True,
    ) -> bool:
        """Apply, park, drop or set aside the records of one poll.

        Args:
            records: in the order of the log.
            moves: from where to where they move the offsets.
            tries: how often this one record has killed its process; 0 when nobody counted.
            forbearing: whether it is tried again when other transactions are in its way; if not,
                that is taken for an error of its own.

        Returns:
            False, and nothing done, if the offsets are not where we think they are: roll back.

        Raises:
            Repeat: something fails; only `AT_ONCE`.
        """
        self._forbearing = forbearing
        messages, unreadable = read_all(records)
        messages.sort(key=lambda message: message.stream)
        keys = (message.stream for message in messages)
        opened = open_batch(self._inbox, self._context.bus_id, moves, keys)
        if opened is None:
            return False
        crash_point("worker.after_offset")
        for record, reason in unreadable:
            self._dead_letters.add_unreadable(record, self._context.bus_id, reason)
            self.outcome.unreadable += 1
            crash_point("worker.after_unreadable")
        if messages:
            crash_point("worker.after_lock")
            advanced = self._settle(messages, opened.streams, tries)
            if opened.any_parked or any(what == "parked" for _, what, _ in self.outcome.lines):
                self.drain(advanced, opened.streams)
        self._send()
        return True

    def _send(self) -> None:
        """Send what was deferred, while a failure can still be told apart."""
        try:
            flush(self._connection)
        except Exception as error:
            if self._manner is Manner.AT_ONCE and not self._passes(error):
                raise Repeat from error
            raise

    def drain(self, keys: set[StreamKey], streams: dict[StreamKey, Stream] | None = None) -> None:
        """Apply what was parked and has its turn; at most 200 messages, the rest comes later."""
        if not keys:
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

    def _settle(
        self,
        messages: Sequence[Message],
        streams: dict[StreamKey, Stream],
        tries: int = 0,
        *,
        parked: bool = False,
    ) -> set[StreamKey]:
        """Give each message what it deserves; returns the subjects that have moved on."""
        outcome = None
        if tries <= MOST_DEATHS and self._shares_a_call(messages):
            outcome = self._all_at_once(messages, streams)
        if outcome is None:
            outcome = self._one_by_one(messages, streams, tries)
        crash_point("worker.after_handlers")
        self._keep(outcome, streams, parked=parked)
        self.outcome.lines += outcome.lines
        self.outcome.unreadable += outcome.unreadable
        return {message.stream for message, what, _ in outcome.lines if what == "applied"}

    def _shares_a_call(self, messages: Sequence[Message]) -> bool:
        if self._manner is Manner.SAVEPOINT:
            return len(messages) > 1
        return self._manner is Manner.AT_ONCE

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
                self._refuse(None)
                return None
            outcome.note(message, _WORDS[verdict])
            if verdict is Verdict.APPLY:
                _advance(hoped[message.stream], message)
                ready.append(message)
        error = self._call(ready) if self._manner is Manner.AT_ONCE else self._try(ready)
        if error is not None:
            crash_point("worker.before_one_by_one")
            self._refuse(error)
            return None
        streams.update(hoped)
        return outcome

    def _refuse(self, error: Exception | None) -> None:
        """Have the transaction undone and its messages applied one by one, if that is agreed."""
        if self._manner is Manner.AT_ONCE:
            raise Repeat from error

    def _call(self, messages: Sequence[Message]) -> Exception | None:
        """Call the handlers; an error is returned, and the transaction is good for nothing more."""
        try:
            for handler, group in calls(messages, self._context.handlers):
                handler(self._connection, group)
            crash_point("worker.before_release")
        except Exception as error:
            if self._passes(error):
                raise
            return error
        return None

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
        grouped = list(calls(messages, self._context.handlers))
        if not grouped:
            return None
        savepoint = self._connection.begin_nested()
        try:
            for handler, group in grouped:
                handler(self._connection, group)
            flush(self._connection)
            crash_point("worker.before_release")
        except Exception as error:
            discard(self._connection)
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
        self._context.breaker.check(self.outcome.trail() + outcome.trail())
        next_at = self._context.retry_at(attempts)
        first = self._dead_letters.add(
            message, self._context.bus_id, verdict, attempts=attempts, next_at=next_at
        )
        if first:
            self._announce(message, verdict[0])
        crash_point("worker.after_quarantine")

    def _announce(self, message: Message, code: str) -> None:
        savepoint = self._connection.begin_nested()
        try:
            self._context.on_quarantine(self._connection, message, code)
            flush(self._connection)
        except Exception as error:
            discard(self._connection)
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


def _advance(stream: Stream, message: Message) -> None:
    stream.last, stream.last_event_id = message.sequence, message.event_id
