"""The worker: applies each message once, in order; one transaction per batch."""

import logging
import secrets
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from chassis.messaging.meter import SILENT
from chassis.messaging.port import TP, Broker, BrokerUnavailable, Consumer, Record
from chassis.messaging.receiving.admission import Breaker, CircuitOpen
from chassis.messaging.receiving.batches import MAX_BATCH, Batches
from chassis.messaging.receiving.context import (
    FIRST_RETRY_US,
    Handler,
    OnQuarantine,
    Outcome,
    TopicContext,
)
from chassis.messaging.receiving.inbox import InboxTables
from chassis.messaging.receiving.offsets import LogReplaced
from chassis.messaging.receiving.positions import Positions
from chassis.messaging.receiving.upkeep import Upkeep
from chassis.messaging.receiving.watchdog import Watchdog
from chassis.messaging.sending.wakeup import wake_relay_on_commit
from chassis.storage.crash import crash_point
from chassis.storage.database import Database, Unavailable, is_transient

log = logging.getLogger(__name__)

Subscriptions = Mapping[str, Mapping[str, Handler]]

_REPORT_SECONDS = 1.0
_RECOGNISE_SECONDS = 5.0
_LONGEST_PAUSE_SECONDS = 5.0
_LOAD_ROUNDS = 3
_AT_ONCE_SECONDS = 0.003
_GATHER_SECONDS = 0.005


class Stalled(Exception):
    """A partition has records beyond our position, and for 30 s none came; start anew."""


class Worker:
    """Consumes topics for one service.

    Offset, de-duplication mark, effects, audit rows and outgoing events of a batch are one
    transaction, whose first statement moves the offset on only if it is where we think it is. So
    a second owner of a partition, or a zombie, is harmless; after any kill all is there or none.
    """

    def __init__(  # noqa: PLR0917 - each is a thing of its own
        self,
        database: Database,
        tables: InboxTables,
        broker: Broker,
        group: str,
        subscriptions: Subscriptions,
        on_quarantine: OnQuarantine,
        run_dir: Path,
        *,
        breaker: Breaker | None = None,
        retry_us: int = FIRST_RETRY_US,
    ) -> None:
        """Bind the worker to its inbox; from now on commits in this process wake the relay.

        Args:
            database: the service's own.
            tables: its inbox.
            broker: where from.
            group: the name of the service.
            subscriptions: topic, then event type, then handler. A handler gets messages of
                different subjects, each subject at most once per call, and never commits; types
                that share a handler share its calls. Types that are not listed move the sequence
                on and are otherwise ignored.
            on_quarantine: called once, in the same transaction, for a message that could not be
                applied and now blocks its subject, with the reason code.
            run_dir: the run folder of the service.
            breaker: when to stop because too much fails.
            retry_us: the first pause before a failed message is tried again; it doubles each time.
        """
        self._database = database
        self._tables = tables
        self._broker = broker
        self._group = group
        self._subscriptions = subscriptions
        self._on_quarantine = on_quarantine
        self._breaker = breaker or Breaker()
        self._retry_us = retry_us
        self._session: _Session | None = None
        self._pause = 0.0
        self._resume_at = 0.0
        self._report_at = 0.0
        self._look_at = 0.0
        self._without_pause = 0
        self._recognise_at = 0.0
        self.circuit_open = False
        self.assigned: frozenset[TP] = frozenset()
        self.meter = SILENT
        self.ticked_at = time.monotonic()
        wake_relay_on_commit(database, run_dir)

    def note(self) -> dict[str, bool]:
        """Return what an operator wants to know of this worker."""
        return {"circuit_open": self.circuit_open}

    def run(self, stop: threading.Event) -> None:
        """Consume until `stop` is set, then leave in good order.

        Raises:
            LogReplaced: a topic was made anew; somebody must decide.
            OffsetOutOfRange: the log does not reach back to our position; likewise.
            LogDamaged: a partition has something that cannot even be left out; likewise.
            Stalled: the broker's client does not deliver what is there.
        """
        while not stop.is_set():
            self.step(0.1)
            if self._session is None:
                while time.monotonic() < self._resume_at and not stop.wait(0.1):
                    self.ticked_at = time.monotonic()
        self.close()

    def step(self, timeout: float = 0.0) -> int:
        """Read once, apply what came, do what is due; returns how many records were dealt with."""
        self.ticked_at = time.monotonic()
        try:
            return self._step(timeout)
        except CircuitOpen as error:
            self._open_circuit(error)
        except Exception as error:
            if not (is_transient(error) or isinstance(error, BrokerUnavailable)):
                raise
            self._back_off(error)
        return 0

    def close(self) -> None:
        """Leave the group, and note that no record was left half-way."""
        if self._session is not None:
            session, self._session = self._session, None
            self.assigned = frozenset()
            try:
                session.positions.mark_clean()
                crash_point("worker.after_clean")
            except Unavailable as error:  # then its successor goes carefully, and that is all
                log.warning("the worker leaves without a word", extra={"reason": str(error)})
            finally:
                session.consumer.close()

    def _step(self, timeout: float) -> int:
        session = self._session = self._session or self._open()
        self._resume(session)
        found = self._poll(session, timeout)
        if self.circuit_open:
            return 0  # what the group gave us since then is not ours to apply either
        self._recognise(session)
        if not self._resume_at:
            self._watch(session, found)
        done = session.batches.apply(found, self._note_outcome)
        if not self.circuit_open and not self._resume_at:
            busy = bool(found)
            for outcome in session.upkeep.run(busy=busy):
                self._note_outcome(outcome)
            self._report(session, busy=busy)
        return done

    def _poll(self, session: "_Session", timeout: float) -> Mapping[TP, Sequence[Record]]:
        """Read once; while messages come without a pause, let some gather for one transaction."""
        if self._without_pause >= _LOAD_ROUNDS:
            time.sleep(_GATHER_SECONDS)
        began = time.monotonic()
        found = session.consumer.poll(timeout)
        at_once = bool(found) and time.monotonic() - began < _AT_ONCE_SECONDS
        self._without_pause = self._without_pause + 1 if at_once else 0
        return found

    @staticmethod
    def _is_due(at: float, *, busy: bool) -> bool:
        """Tell whether it is time; while messages come, what can wait a second does."""
        return time.monotonic() >= at + (_REPORT_SECONDS if busy else 0.0)

    def _open(self) -> "_Session":
        topics = list(self._subscriptions)
        positions = Positions(self._database, self._tables, self._broker, topics)
        start = positions.prepare()
        crash_point("worker.after_prepare")
        contexts = {topic: self._context(topic, positions) for topic in topics}
        consumer = self._broker.consumer(self._group, topics, start, max_records=MAX_BATCH)
        batches = Batches(self._database, positions, consumer, contexts)
        return _Session(positions, consumer, batches, Upkeep(self._database, contexts), start)

    def _context(self, topic: str, positions: Positions) -> TopicContext:
        return TopicContext(
            tables=self._tables,
            topic=topic,
            bus_id=positions.incarnations[topic],
            handlers=self._subscriptions[topic],
            on_quarantine=self._on_quarantine,
            breaker=self._breaker,
            retry_us=self._retry_us,
        )

    def _note_outcome(self, outcome: Outcome, seconds: float | None = None) -> None:
        self._pause = 0.0
        self.meter.delivered(outcome.counts(), seconds)
        _write_down(outcome)

    def _back_off(self, error: Exception) -> None:
        """Hold still, but go on polling to stay in the group; then read our positions anew."""
        crash_point("worker.after_undo")
        self._pause = min(_LONGEST_PAUSE_SECONDS, max(0.1, self._pause * 2))
        self._resume_at = time.monotonic() + self._pause * (0.5 + secrets.randbelow(1_000) / 2_000)
        if self._session is not None:
            self._session.consumer.pause()
            self._session.watchdog.hold()
        crash_point("worker.after_pause")
        log.warning(
            "the worker waits", extra={"reason": f"{type(error).__name__}: {error.__cause__}"}
        )

    def _resume(self, session: "_Session") -> None:
        if not self._resume_at or time.monotonic() < self._resume_at or self.circuit_open:
            return
        self._go_back(session)
        crash_point("worker.before_resume")
        session.consumer.resume()
        session.watchdog.go_on()
        crash_point("worker.after_resume")
        self._resume_at = 0.0
        self._recognise_at = 0.0  # while the broker was away much may have happened to it

    @staticmethod
    def _go_back(session: "_Session") -> None:
        """Read on from where the database is, also in partitions that are only to become ours.

        While the broker is away none is ours, and what was delivered before that may not be stored.
        """
        session.positions.forget()
        ours, ends = session.consumer.assignment(), session.consumer.end_offsets()
        for tp, start in session.start.items():
            known = session.positions.met(tp) or tp in ours
            at = session.positions.at(tp, ends.get(tp, 0)) if known else start
            session.consumer.seek(tp, at)

    def _open_circuit(self, error: CircuitOpen) -> None:
        """Stop consuming for good: what fails is this program, and only another one can go on."""
        self.circuit_open = True
        if self._session is not None:
            self._session.consumer.pause()
        crash_point("worker.after_circuit")
        log.error(
            "the circuit is open: nothing is consumed until a restart", extra={"reason": str(error)}
        )

    def _recognise(self, session: "_Session") -> None:
        """Make sure that we still read the logs that our offsets belong to.

        Offsets of a log that is gone may exist in the new one of its name: nothing else would tell.
        """
        if time.monotonic() < self._recognise_at:
            return
        self._recognise_at = time.monotonic() + _RECOGNISE_SECONDS
        for topic, incarnation in session.consumer.incarnations().items():
            if incarnation != session.positions.incarnations[topic]:
                raise LogReplaced(topic)

    def _watch(self, session: "_Session", found: Mapping[TP, Sequence[Record]]) -> None:
        """See to it that each partition with records gets its turn; before any are applied.

        Afterwards would be too late: who fails each time would never come to it.
        """
        count = sum(map(len, found.values()))
        session.watchdog.delivered(list(found), all_there_was=count < MAX_BATCH)
        if self._is_due(self._look_at, busy=bool(found)):
            self._look_at = time.monotonic() + _REPORT_SECONDS
            reached = {**session.start, **session.positions.known()}
            ends = session.consumer.end_offsets()
            session.watchdog.look([tp for tp, end in ends.items() if reached.get(tp, end) < end])
        if (tp := session.watchdog.starved()) is not None:
            raise Stalled(f"records of {tp.topic}/{tp.partition} are there and do not come")

    def _report(self, session: "_Session", *, busy: bool) -> None:
        if not self._is_due(self._report_at, busy=busy):
            return
        self._report_at = time.monotonic() + _REPORT_SECONDS
        known = session.positions.known()
        self.assigned = session.consumer.assignment()
        for tp, position in known.items():
            session.consumer.report_offset(tp, position)
        crash_point("worker.after_report")


class _Session:
    """What a worker holds while it is a member of its group."""

    def __init__(
        self,
        positions: Positions,
        consumer: Consumer,
        batches: Batches,
        upkeep: Upkeep,
        start: dict[TP, int],
    ) -> None:
        self.positions = positions
        self.consumer = consumer
        self.batches = batches
        self.upkeep = upkeep
        self.start = start
        self.watchdog = Watchdog()


def _write_down(outcome: Outcome) -> None:
    """Write one line per message: ids and what became of it."""
    if not log.isEnabledFor(logging.INFO):
        return
    for message, what, reason in outcome.lines:
        extra = {
            "topic": message.topic,
            "event_id": message.event_id,
            "event_type": message.type,
            "tenant_id": message.tenant_id,
            "subject": message.subject,
            "sequence": message.sequence,
            "outcome": what,
            "reason": reason,
        }
        log.info("message", extra=extra)
