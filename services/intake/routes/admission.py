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
LOOK_EVERY_S: Final = 1.0

# Rows leave the outbox in order of their ids, so the span of ids is the depth, at no cost; unless
# an old one is held or published again, then only counting helps.
_SPAN = select(func.max(OUTBOX.pending.c.id) - func.min(OUTBOX.pending.c.id) + 1)
_SOME = select(OUTBOX.pending.c.id).limit(bindparam("most")).subquery()
_COUNT = select(func.count()).select_from(_SOME)


@dataclass
class Admission:
    """Refuses new work while too much of it waits; looks at most once a second.

    One request looks, and no other waits for it: they go by what was seen last. So a database that
    keeps silent costs everybody the time that one question to it takes, and not that of a queue.

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
    _looked_at: float = float("-inf")
    _full: str = ""
    _away: str = ""
    _looking: threading.Lock = field(default_factory=threading.Lock)

    def check(self) -> None:
        """Lets new work in.

        Raises:
            Problem: `overloaded`.
            Unavailable: The database is away.
        """
        stale = time.monotonic() - self._looked_at > LOOK_EVERY_S
        if stale and self._looking.acquire(blocking=False):
            try:
                self._note()
            finally:
                self._looking.release()
        if self._away:
            raise Unavailable(self._away)
        if self._full:
            raise Problem(OVERLOADED, self._full, headers={"Retry-After": str(RETRY_AFTER_S)})

    def _note(self) -> None:
        try:
            self._full, self._away = self._look(), ""
        except Unavailable as error:
            self._away = str(error)
        self._looked_at = time.monotonic()

    def _look(self) -> str:
        if shutil.disk_usage(self.folder).free < self.least_free_bytes:
            return "The disk is nearly full."
        with self.database.read() as connection:
            most = self.longest_queue + 1
            waiting = connection.execute(_SPAN).scalar() or 0
            if waiting >= most:
                waiting = connection.execute(_COUNT, {"most": most}).scalar_one()
        return "Too many events wait to be sent." if waiting >= most else ""
