"""What a worker does between batches: try failed messages again, go on with parked ones."""

import logging
import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from chassis.clock import now_us
from chassis.messaging.receiving.context import Outcome, TopicContext
from chassis.messaging.receiving.dead_letters import DeadLetters
from chassis.messaging.receiving.delivery import DRAIN_AT_ONCE, Delivery
from chassis.messaging.receiving.inbox import Inbox, InboxTables, stored_message
from chassis.storage.crash import crash_point
from chassis.storage.database import Database, Unavailable
from chassis.storage.errors import is_contention

log = logging.getLogger(__name__)

RETRY_EVERY = 0.25
SWEEP_EVERY = 1.0


class Upkeep:
    """Work that comes from the database, not from the log."""

    def __init__(self, database: Database, contexts: Mapping[str, TopicContext]) -> None:
        """Bind it to the topics of a worker."""
        self._database = database
        self._contexts = contexts
        self._retry_at = 0.0
        self._sweep_at = 0.0
        self._owed: list[tuple[int, int]] = []

    def run(self, *, busy: bool = False) -> list[Outcome]:
        """Do what is due; cheap when nothing is.

        Args:
            busy: whether messages come; then it can wait a second.
        """
        outcomes = []
        now = time.monotonic() - (SWEEP_EVERY if busy else 0.0)
        if now >= self._retry_at:
            outcomes += self.retry_due()
            self._retry_at = time.monotonic() + RETRY_EVERY
        if now >= self._sweep_at:
            swept = self.sweep()
            outcomes += swept
            # what was swept may have been cut short, then go on at once
            self._sweep_at = time.monotonic() + (0 if swept else SWEEP_EVERY)
        return outcomes

    def retry_due(self) -> list[Outcome]:
        """Try the dead letters again whose time has come, each in its own transaction."""
        tables = next(iter(self._contexts.values())).tables
        self._give_back(tables)
        with self._database.read() as connection:
            rows = DeadLetters(connection, tables).due(list(self._contexts), now_us())
        return [outcome for row in rows if (outcome := self._retry(row)) is not None]

    def sweep(self) -> list[Outcome]:
        """Apply parked messages whose turn has come without a new message of their subject."""
        return [self._drain(context) for context in self._contexts.values() if self._ripe(context)]

    def _retry(self, row: Row[Any]) -> Outcome | None:
        context = self._contexts[row.topic]
        with self._database.write() as connection:
            if not DeadLetters(connection, context.tables).claim(
                row.id, row.attempts, context.retry_at(row.attempts + 1)
            ):
                return None
            crash_point("worker.inside_claim")
        crash_point("worker.after_claim")
        try:
            return self._try(row, context)
        except Unavailable as error:
            if not is_contention(error):  # that may well be its own fault, and counts
                self._owed.append((row.id, row.attempts + 1))
            raise

    def _try(self, row: Row[Any], context: TopicContext) -> Outcome:
        with self._database.write() as connection:
            delivery = Delivery(connection, context)
            delivery.retry(stored_message(row.topic, row.headers, row.value), row.id)
            crash_point("worker.inside_retry")
        return delivery.outcome

    def _give_back(self, tables: InboxTables) -> None:
        """Take back attempts that failed for want of a database, not because of their message."""
        if self._owed:
            with self._database.write() as connection:
                for row_id, attempts in self._owed:
                    DeadLetters(connection, tables).unclaim(row_id, attempts)
            self._owed.clear()

    def _ripe(self, context: TopicContext) -> bool:
        with self._database.read() as connection:
            inbox = Inbox(connection, context.tables, context.topic)
            return inbox.any_parked() and bool(inbox.due(1))

    def _drain(self, context: TopicContext) -> Outcome:
        with self._database.write() as connection:
            delivery = Delivery(connection, context)
            delivery.drain(Inbox(connection, context.tables, context.topic).due(DRAIN_AT_ONCE))
        return delivery.outcome
