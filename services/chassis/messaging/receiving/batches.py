"""Applies what a poll brought: of each topic, as much at once as may share a transaction."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence

from chassis.messaging.port import TP, Consumer, Record
from chassis.messaging.receiving.context import Outcome, TopicContext
from chassis.messaging.receiving.delivery import Delivery, Manner, Repeat
from chassis.messaging.receiving.isolation import Isolation
from chassis.messaging.receiving.offsets import Move
from chassis.messaging.receiving.positions import Positions
from chassis.storage.crash import crash_point
from chassis.storage.database import Database
from chassis.storage.errors import is_contention

log = logging.getLogger(__name__)

MAX_BATCH = 200
_LEAST_BATCH = {"sqlite": 1, "postgresql": 16}
_SLOW_SECONDS = {"sqlite": 0.05, "postgresql": 0.25}

_Share = Mapping[TP, Sequence[Record]]


class _NotOurs(Exception):
    """Somebody else moved the offset: we are a zombie, or there are two of us."""


class Batches:
    """WriteQueue records into transactions, as long as a worker is a member of its group."""

    def __init__(
        self,
        database: Database,
        positions: Positions,
        consumer: Consumer,
        contexts: Mapping[str, TopicContext],
    ) -> None:
        """Bind them to where the worker stands, and to the context of each topic."""
        self._database = database
        self._positions = positions
        self._consumer = consumer
        self._contexts = contexts
        self._isolation = Isolation()
        self._counted: dict[TP, tuple[int, int]] = {}
        self._limit = MAX_BATCH

    def apply(self, found: _Share, report: Callable[[Outcome, float], None]) -> int:
        """Apply it; returns how many records were dealt with.

        Args:
            found: what a poll brought.
            report: called with what became of each transaction that was kept, and how long it took.
        """
        left = {tp: self._usable(tp, records) for tp, records in found.items()}
        done = 0
        while share := self._share({tp: rest for tp, rest in left.items() if rest}):
            kept = self._transact(share, report)
            for tp, records in share.items():
                left[tp] = left[tp][len(records) :] if kept else ()
                done += len(records) if kept else 0
        return done

    def _usable(self, tp: TP, records: Sequence[Record]) -> Sequence[Record]:
        end = 0 if self._positions.met(tp) else self._consumer.end_offsets()[tp]
        usable, seek = self._positions.usable(tp, records, end)
        if seek is not None:
            self._consumer.seek(tp, seek)
        return usable

    def _share(self, left: _Share) -> _Share:
        """Choose what the next transaction applies: of one topic, and a suspect record alone.

        All partitions share a transaction, because a commit costs more than many records do.
        """
        share: dict[TP, Sequence[Record]] = {}
        room = self._limit
        ordered = sorted(left, key=self._isolation.failures)
        for tp in ordered:
            records = left[tp]
            if self._positions.on_probation(tp) or self._isolation.alone(tp):
                return share or {tp: records[:1]}
            if room > 0 and tp.topic == ordered[0].topic:
                share[tp] = records[:room]
                room -= len(share[tp])
        return share

    def _transact(self, share: _Share, report: Callable[[Outcome, float], None]) -> bool:
        began = time.monotonic()
        tries = self._count_attempt(share)
        try:
            outcome = self._deliver_at_once(share, tries)
        except _NotOurs:
            self._look_again(share)
            return False
        except Exception as error:
            if is_contention(error):
                self._isolation.failed(share)
            raise
        crash_point("worker.after_commit")
        self._isolation.succeeded(share)
        for tp, records in share.items():
            if self._positions.moved(tp, records[-1].offset + 1, len(records)):
                self._end_probation(tp)
        took = time.monotonic() - began
        self._adapt(took, sum(map(len, share.values())))
        report(outcome, took)
        return True

    def _look_again(self, share: _Share) -> None:
        crash_point("worker.after_refusal")
        self._positions.forget(list(share))
        for tp in share:
            self._consumer.seek(tp, self._positions.at(tp))
            log.warning("somebody else reads this partition too", extra=tp._asdict())
        crash_point("worker.after_return")

    def _deliver_at_once(self, share: _Share, tries: int) -> Outcome:
        """Apply it without a savepoint; if something fails, again, each message in its own."""
        try:
            return self._deliver(share, tries, Manner.AT_ONCE)
        except Repeat:
            return self._deliver(share, tries, Manner.ONE_BY_ONE)

    def _deliver(self, share: _Share, tries: int, manner: Manner) -> Outcome:
        crash_point("worker.before_offset")
        topic = next(iter(share)).topic
        moves = [
            Move(tp.partition, self._positions.current(tp), records[-1].offset + 1)
            for tp, records in share.items()
        ]
        forbearing = not self._isolation.last_time(share)
        records = [one for records in share.values() for one in records]
        with self._database.write() as connection:
            delivery = Delivery(connection, self._contexts[topic], manner)
            if not delivery.deliver(records, moves, tries=tries, forbearing=forbearing):
                raise _NotOurs
            crash_point("worker.before_commit")
        self._contexts[topic].breaker.keep(delivery.outcome.trail())
        return delivery.outcome

    def _count_attempt(self, share: _Share) -> int:
        """Count once in this process: a failure that it survives is no death, however often."""
        tp, records = next(iter(share.items()))
        if not self._positions.on_probation(tp):
            return 0
        offset, tries = self._counted.get(tp, (-1, 0))
        if offset != records[0].offset:
            with self._database.write() as connection:
                offsets = self._positions.offsets(connection, tp.topic)
                tries = offsets.count_attempt(tp.partition, records[0].offset)
            crash_point("worker.after_count")
            self._counted[tp] = (records[0].offset, tries)
        return tries

    def _end_probation(self, tp: TP) -> None:
        with self._database.write() as connection:
            offsets = self._positions.offsets(connection, tp.topic)
            offsets.forget_attempts(tp.partition, self._positions.current(tp))
            crash_point("worker.inside_forget")

    def _adapt(self, seconds: float, count: int) -> None:
        """Keep a transaction short: on SQLite it excludes all other writers of the service.

        On Postgres it holds up nobody but who wants one of its cases, and few records are never cut
        further: most of their time is that of the transaction itself.
        """
        slow, least = _SLOW_SECONDS[self._database.dialect], _LEAST_BATCH[self._database.dialect]
        if seconds > slow:
            self._limit = max(least, min(self._limit, int(count * slow / seconds)))
        elif count >= self._limit:
            self._limit = min(MAX_BATCH, self._limit * 2)
