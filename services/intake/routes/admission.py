"""Whether new work may come in: not when it would only pile up, or when the disk is nearly full."""

import shutil
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sqlalchemy import bindparam, func, select

from chassis.http.errors import Problem, ProblemType
from chassis.storage.database import Database, Unavailable
from intake.models import OUTBOX

OVERLOADED: Final = ProblemType(
    "overloaded",
    503,
    "No new work is taken just now",
    "Nothing was stored. Repeat the request, with the same Idempotency-Key, after `Retry-After`.",
)
RETRY_AFTER_S: Final = 30
CHECK_EVERY_S: Final = 1.0

# Rows leave the outbox in order of their ids, so the span of ids is the depth, at no cost; unless
# an old one is held or published again, then only counting helps.
_SPAN = select(func.max(OUTBOX.pending.c.id) - func.min(OUTBOX.pending.c.id) + 1)
_SOME = select(OUTBOX.pending.c.id).limit(bindparam("most")).subquery()
_COUNT = select(func.count()).select_from(_SOME)


@dataclass
class Admission:
    """Refuses new work while too much of it waits; checks at most once a second.

    One request checks, and no other waits for it: they go by the last outcome. So a database that
    does not answer costs each request the time of one query, and not that of a queue of them.

    Args:
        database: The service's own.
        folder: A place on the database's disk.
        longest_queue: Events that may wait for the broker.
        least_free_bytes: Space that must be left on the disk.
    """

    database: Database
    folder: Path
    longest_queue: int
    least_free_bytes: int
    _checked_at: float = float("-inf")
    _refusal: str = ""
    _unavailable: str = ""
    _checking: threading.Lock = field(default_factory=threading.Lock)

    def check(self) -> None:
        """Lets new work in.

        Raises:
            Problem: `overloaded`.
            Unavailable: The database is away.
        """
        stale = time.monotonic() - self._checked_at > CHECK_EVERY_S
        if stale and self._checking.acquire(blocking=False):
            try:
                self._check_again()
            finally:
                self._checking.release()
        if self._unavailable:
            raise Unavailable(self._unavailable)
        if self._refusal:
            raise Problem(OVERLOADED, self._refusal, headers={"Retry-After": str(RETRY_AFTER_S)})

    def _check_again(self) -> None:
        try:
            self._refusal, self._unavailable = self._reason(), ""
        except Unavailable as error:
            self._unavailable = str(error)
        self._checked_at = time.monotonic()

    def _reason(self) -> str:
        if shutil.disk_usage(self.folder).free < self.least_free_bytes:
            return "The disk is nearly full."
        with self.database.read() as connection:
            most = self.longest_queue + 1
            waiting = connection.execute(_SPAN).scalar() or 0
            if waiting >= most:
                waiting = connection.execute(_COUNT, {"most": most}).scalar_one()
        return "Too many events wait to be sent." if waiting >= most else ""
