"""Notices a partition whose records are there and are not delivered by the broker's client."""

import time
from collections.abc import Collection
from typing import Final

from chassis.messaging.port import TP

PATIENCE_SECONDS: Final = 30.0


class Watchdog:
    """Counts, for each partition by itself, how long it was waited for in vain.

    Not every wait is in vain: while the client has more of other partitions than one poll takes,
    each has to wait its turn. So the count begins with a poll that got all that the client had,
    and nothing of a partition which was known to have something. While the worker holds still it
    does not go on, for then nothing can come, but it is not forgotten either.
    """

    def __init__(self) -> None:
        """Begin, with nothing known to wait."""
        self._behind: set[TP] = set()
        self._vain: dict[TP, float] = {}
        self._counted_at = time.monotonic()

    def delivered(self, tps: Collection[TP], *, all_there_was: bool) -> None:
        """Note what a poll has delivered, and whether the client had no more."""
        for tp in tps:
            self._vain.pop(tp, None)
            self._behind.discard(tp)
        if all_there_was:
            for tp in self._behind:
                self._vain.setdefault(tp, 0.0)

    def look(self, behind: Collection[TP]) -> None:
        """Learn which of our partitions have records beyond our position."""
        self.hold()
        self._behind = set(behind)
        self._vain = {tp: seconds for tp, seconds in self._vain.items() if tp in self._behind}

    def hold(self) -> None:
        """Count up to now; what follows does not count if `go_on` comes after it."""
        now = time.monotonic()
        self._vain = {tp: s + now - self._counted_at for tp, s in self._vain.items()}
        self._counted_at = now

    def go_on(self) -> None:
        """Count again from now on."""
        self._counted_at = time.monotonic()

    def starved(self) -> TP | None:
        """Return a partition that nothing came of for too long, if there is one."""
        return next((tp for tp, seconds in self._vain.items() if seconds > PATIENCE_SECONDS), None)
