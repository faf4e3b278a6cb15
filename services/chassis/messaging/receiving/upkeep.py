"""What a worker does between batches: try failed messages again, go on with parked ones."""

import logging
import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from chassis.clock import now_us
from chassis.messaging.receiving.dead_letters import DeadLetters
from chassis.messaging.receiving.delivery import DRAIN_AT_ONCE, Delivery, Outcome, TopicContext
from chassis.messaging.receiving.inbox import Inbox, InboxTables, stored_message
from chassis.storage.crash import crash_point
from chassis.storage.database import Database, Unavailable
from chassis.storage.errors import is_contention

log = logging.getLogger(__name__)

RETRY_EVERY = 0.25
SWEEP_EVERY = 1.0


class Upkeep:
    """Work that comes from the database, not from the log."""

    def __init__(self, database: Database, terms: Mapping[str, TopicContext]) -> None:
        """Bind it to the topics of a worker."""
        self._database = database
        self._terms = terms
        self._retry_at = 0.0
        self._sweep_at = 0.0
        self._owed: list[tuple[int, int]] = []

    def run(self) -> list[Outcome]:
        """Do what is due; cheap when nothing is."""
        outcomes = []
        if time.monotonic() >= self._retry_at:
            outcomes += self.retry_due()
            self._retry_at = time.monotonic() + RETRY_EVERY
        if time.monotonic() >= self._sweep_at:
            swept = self.sweep()
            outcomes += swept
            # what was swept may have been cut short, then go on at once
            self._sweep_at = time.monotonic() + (0 if swept else SWEEP_EVERY)
        return outcomes

    def retry_due(self) -> list[Outcome]:
        """Try the dead letters again whose time has come, each in its own transaction."""
        tables = next(iter(self._terms.values())).tables
        self._give_back(tables)
        with self._database.read() as connection:
            rows = DeadLetters(connection, tables).due(list(self._terms), now_us())
        return [outcome for row in rows if (outcome := self._retry(row)) is not None]

    def sweep(self) -> list[Outcome]:
        """Apply parked messages whose turn has come without a new message of their subject."""
        return [self._drain(terms) for terms in self._terms.values() if self._ripe(terms)]

    def _retry(self, row: Row[Any]) -> Outcome | None:
        terms = self._terms[row.topic]
        with self._database.write() as connection:
            if not DeadLetters(connection, terms.tables).claim(
                row.id, row.attempts, terms.retry_at(row.attempts + 1)
            ):
                return None
            crash_point("worker.inside_claim")
        crash_point("worker.after_claim")
        try:
            return self._try(row, terms)
        except Unavailable as error:
            if not is_contention(error):  # that may well be its own fault, and counts
                self._owed.append((row.id, row.attempts + 1))
            raise

    def _try(self, row: Row[Any], terms: TopicContext) -> Outcome:
        with self._database.write() as connection:
            delivery = Delivery(connection, terms)
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

    def _ripe(self, terms: TopicContext) -> bool:
        with self._database.read() as connection:
            inbox = Inbox(connection, terms.tables, terms.topic)
            return inbox.any_parked() and bool(inbox.due(1))

    def _drain(self, terms: TopicContext) -> Outcome:
        with self._database.write() as connection:
            delivery = Delivery(connection, terms)
            delivery.drain(Inbox(connection, terms.tables, terms.topic).due(DRAIN_AT_ONCE))
        return delivery.outcome
