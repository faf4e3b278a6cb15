"""The waiting room: clients that asked for the plan itself, woken when it is there."""

import logging
import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from chassis import clock
from chassis.messaging.wakeup import BACKSTOP_SECONDS, WakeupListener
from intake.repository import RevisionKey
from intake.settings import BELL

log = logging.getLogger(__name__)

Look: TypeAlias = Callable[[Sequence[RevisionKey]], set[RevisionKey]]


class WaitingRoom:
    """A bounded number of seats, and one thread that looks for everybody who sits there.

    The thread sleeps on a doorbell that intake's worker rings after each commit, and asks the
    database once for all seats; a lost ring costs 100 ms. With nobody in the room it costs nothing.

    Args:
        run_dir: Where the doorbell hangs.
        seats: How many may wait at a time.
        look: Tells which of the revisions are settled.
    """

    def __init__(self, run_dir: Path, seats: int, look: Look) -> None:
        self._run_dir, self._look = run_dir, look
        self._seats = threading.BoundedSemaphore(seats) if seats else None
        self._waiting: dict[RevisionKey, list[threading.Event]] = defaultdict(list)
        self._changed = threading.Condition()
        self._watching_in = 0

    def wait(self, key: RevisionKey, seconds: float) -> bool | None:
        """Waits until the revision is settled.

        Args:
            key: What is waited for.
            seconds: How long at most.

        Returns:
            Whether it is settled; None, at once, if every seat is taken.
        """
        if self._seats is None or not self._seats.acquire(blocking=False):
            return None
        try:
            return self._sit(key, seconds)
        finally:
            self._seats.release()

    def _sit(self, key: RevisionKey, seconds: float) -> bool:
        called = threading.Event()
        self._enter(key, called)
        try:
            # looked for after entering, so that no ring can fall in between
            return key in self._look([key]) or called.wait(seconds)
        finally:
            self._leave(key, called)

    def _enter(self, key: RevisionKey, called: threading.Event) -> None:
        with self._changed:
            self._waiting[key].append(called)
            self._changed.notify()
            if self._watching_in != os.getpid():  # threads do not survive a fork
                self._watching_in = os.getpid()
                bell = WakeupListener.listen(self._run_dir, BELL + clock.new_id())
                threading.Thread(
                    target=self._watch, args=(bell,), name="waiting-room", daemon=True
                ).start()

    def _leave(self, key: RevisionKey, called: threading.Event) -> None:
        with self._changed:
            self._waiting[key].remove(called)
            if not self._waiting[key]:
                del self._waiting[key]

    def _watch(self, bell: WakeupListener) -> None:
        while True:
            with self._changed:
                while not self._waiting:
                    self._changed.wait()
            bell.wait(BACKSTOP_SECONDS)
            self._call_the_settled()

    def _call_the_settled(self) -> None:
        with self._changed:
            keys = list(self._waiting)
        try:
            settled = self._look(keys) if keys else set()
        except Exception:  # the database is away: everybody still has his own time limit
            log.warning("cannot look for those who wait", exc_info=True)
            time.sleep(BACKSTOP_SECONDS)
            return
        with self._changed:
            for key in settled:
                for called in self._waiting.get(key, ()):
                    called.set()
