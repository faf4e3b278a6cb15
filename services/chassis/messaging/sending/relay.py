"""The relay: takes events from the outbox to the broker, in order, at least once."""

import logging
import secrets
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Row

from chassis.clock import now_us
from chassis.envelope import load_headers, record_key
from chassis.messaging.meter import SILENT
from chassis.messaging.port import Broker, Failed, Ok, Outgoing
from chassis.messaging.sending.outbox import OutboxTables
from chassis.messaging.sending.pending import PendingEvents
from chassis.messaging.sending.wakeup import RELAY, wake_relay_on_commit
from chassis.messaging.wakeup import BACKSTOP_SECONDS, WakeupListener
from chassis.storage.crash import crash_point
from chassis.storage.database import Database, Unavailable
from chassis.storage.exclusive import exclusive

log = logging.getLogger(__name__)

PUBLISH_SECONDS = 10.0
LONGEST_PAUSE_SECONDS = 5.0
FAILURES_BEFORE_HOLD = 5
HISTORY_US = 30 * 24 * 3_600 * 1_000_000
PRUNE_SECONDS = 60.0
_LINGER_SECONDS = 0.02


class Relay:
    """Publishes one service's outbox.

    Rows leave the outbox only after the broker has acknowledged them, so whatever is killed when,
    a row is sent at least once. One relay works at a time; a second stands by for the lock, and a
    relay that has lost it stops in the middle, because it reads and writes under the lock only.
    """

    def __init__(
        self,
        database: Database,
        tables: OutboxTables,
        broker: Broker,
        run_dir: Path,
        *,
        batch: int = 500,
    ) -> None:
        """Bind the relay to its outbox; from now on commits in this process wake it.

        Args:
            database: the service's own.
            tables: its outbox.
            broker: where to.
            run_dir: the run folder of the service: lock and wake-up socket.
            batch: how many events are in flight at most.
        """
        self._turn = exclusive(database, "relay", run_dir)
        self._pending_events = PendingEvents(tables)
        self._broker = broker
        self._run_dir = run_dir
        self._batch = batch
        self._listener: WakeupListener | None = None
        self._pause = 0.0
        self._prune_at = 0.0
        self.published = 0
        self.meter = SILENT
        self.ticked_at = time.monotonic()
        wake_relay_on_commit(database, run_dir)

    def run(self, stop: threading.Event) -> None:
        """Publish until `stop` is set; stand by while another relay has the lock."""
        try:
            while not stop.is_set():
                self.ticked_at = time.monotonic()
                if self._takes_over():
                    crash_point("relay.after_lock")
                    with WakeupListener.listen(self._run_dir, RELAY) as self._listener:
                        self._work(stop, self._listener)
                else:
                    stop.wait(max(BACKSTOP_SECONDS, self._pause))
        finally:
            self.close()

    def close(self) -> None:
        """Give the lock back."""
        self._turn.release()

    @property
    def leader(self) -> bool:
        """Tell whether it is this relay's turn."""
        return self._turn.held

    def note(self) -> dict[str, bool]:
        """Return what an operator wants to know of this relay."""
        return {"leader": self.leader}

    def step(self) -> int:
        """Publish one batch and return how many events left the outbox.

        Takes the lock first if need be; while another relay has it, this one publishes nothing.
        """
        if not self._turn.take():
            return 0
        with self._turn.read() as connection:
            rows = self._pending_events.pending(connection, self._batch)
        if not rows:
            self._pause = 0.0
            return 0
        crash_point("relay.before_send")
        results = self._publish(rows)
        crash_point("relay.after_send")
        acknowledged = _acknowledged(rows, results)
        if self._listener is not None:
            # when nothing else is to be sent, our commit lets those of the consumers go first
            self._listener.wait(_LINGER_SECONDS)
        self._mark(acknowledged)
        if len(acknowledged) == len(rows):
            self._pause = 0.0
            return len(acknowledged)
        return len(acknowledged) + self._recover(rows, acknowledged, results)

    def _work(self, stop: threading.Event, listener: WakeupListener) -> None:
        while self._turn.held and not stop.is_set():
            self.ticked_at = time.monotonic()
            self._guarded_step(listener)
            if self._pause:
                stop.wait(self._pause * (0.5 + secrets.randbelow(1_000) / 2_000))

    def _guarded_step(self, listener: WakeupListener) -> None:
        try:
            if not self.step() and not self._pause and not listener.wait(BACKSTOP_SECONDS):
                self._prune()
        except Unavailable as error:
            log.warning("the relay waits", extra={"reason": str(error)})
            self._slow_down()
        except Exception:
            log.exception("the relay could not work; it will try again")
            self._broker.reset()
            self._slow_down()

    def _takes_over(self) -> bool:
        try:
            return self._turn.take()
        except Unavailable as error:
            log.warning("the relay waits", extra={"reason": str(error)})
            self._slow_down()
            return False

    def _slow_down(self) -> None:
        self._pause = min(LONGEST_PAUSE_SECONDS, max(0.1, self._pause * 2))

    def _publish(self, rows: Sequence[Row[tuple[object, ...]]]) -> list[Ok | Failed]:
        began = time.monotonic()
        results = self._broker.publish([_outgoing(row) for row in rows], PUBLISH_SECONDS)
        self.meter.published(results, time.monotonic() - began)
        return results

    def _mark(self, rows: Sequence[Row[tuple[object, ...]]]) -> None:
        if not rows:
            return
        # undone by a power cut, it costs no more than a second sending
        with self._turn.write(durable=False) as connection:
            self._pending_events.move_to_sent(
                connection, [row.id for row in rows], now_us(), "relay.inside_mark"
            )
            crash_point("relay.after_delete")
        crash_point("relay.after_mark")
        self.published += len(rows)

    def _recover(
        self,
        rows: Sequence[Row[tuple[object, ...]]],
        acknowledged: Sequence[Row[tuple[object, ...]]],
        results: Sequence[Ok | Failed],
    ) -> int:
        """Start with a new producer; when single records are refused, find out which."""
        self._broker.reset()
        crash_point("relay.after_reset")
        failures = [result for result in results if isinstance(result, Failed)]
        log.warning(
            "the broker did not take everything",
            extra={"reason": failures[0].reason, "count": len(failures)},
        )
        if all(failure.scope == "topic" for failure in failures):
            self._slow_down()
            crash_point("relay.before_pause")
            return 0
        done = {row.id for row in acknowledged}
        return self._one_by_one([row for row in rows if row.id not in done])

    def _one_by_one(self, rows: Sequence[Row[tuple[object, ...]]]) -> int:
        stopped: set[tuple[str, str, str]] = set()
        moved = 0
        for row in rows:
            if _stream(row) in stopped:
                continue
            result = self._publish([row])[0]
            if isinstance(result, Ok):
                self._mark([row])
                moved += 1
                continue
            crash_point("relay.one_by_one")
            self._broker.reset()
            stopped.add(_stream(row))
            if result.scope == "topic":
                self._slow_down()
                break
            self._count_failure(row, result)
        return moved

    def _count_failure(self, row: Row[tuple[object, ...]], failure: Failed) -> None:
        with self._turn.write() as connection:
            held = self._pending_events.count_failure(connection, row.id, FAILURES_BEFORE_HOLD)
            crash_point("relay.after_hold" if held else "relay.after_failure")
        if held:
            extra = {"event_id": row.event_id, "subject": row.subject, "reason": failure.reason}
            log.error(
                "an event cannot be published; its subject is held until it is released",
                extra=extra,
            )

    def _prune(self) -> None:
        if time.monotonic() < self._prune_at:
            return
        self._prune_at = time.monotonic() + PRUNE_SECONDS
        with self._turn.write() as connection:
            self._pending_events.prune(connection, now_us() - HISTORY_US)


def _outgoing(row: Row[tuple[object, ...]]) -> Outgoing:
    key = record_key(row.tenant_id, row.subject).encode()
    return Outgoing(row.topic, key, load_headers(row.headers), bytes(row.payload))


def _stream(row: Row[tuple[object, ...]]) -> tuple[str, str, str]:
    return (row.topic, row.tenant_id, row.subject)


def _acknowledged(
    rows: Sequence[Row[tuple[object, ...]]], results: Sequence[Ok | Failed]
) -> list[Row[tuple[object, ...]]]:
    """Per stream, the rows before the first failure; what comes after it is sent again."""
    stopped: set[tuple[str, str, str]] = set()
    acknowledged = []
    for row, result in zip(rows, results, strict=True):
        if isinstance(result, Failed):
            stopped.add(_stream(row))
        elif _stream(row) not in stopped:
            acknowledged.append(row)
    return acknowledged
