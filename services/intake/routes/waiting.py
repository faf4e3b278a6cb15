"""Clients that wait for a plan, woken when it is there."""

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
from intake.settings import WAKEUP_PREFIX

log = logging.getLogger(__name__)

Look: TypeAlias = Callable[[Sequence[RevisionKey]], set[RevisionKey]]


class Waiters:
    """A bounded number of waiting requests, and one thread that polls for all of them.

    The thread sleeps on a wake-up that intake's worker sends after each commit, and asks the
    database once for all waiting requests; a lost wake-up costs 100 ms. Without waiting requests
    it does not run.

    Args:
        run_dir: Where the socket of the wake-up is.
        most: How many may wait at a time.
        look: Tells which of the revisions are settled.
    """

    def __init__(self, run_dir: Path, most: int, look: Look) -> None:
        self._run_dir, self._look = run_dir, look
        self._free = threading.BoundedSemaphore(most) if most else None
        self._waiting: dict[RevisionKey, list[threading.Event]] = defaultdict(list)
        self._changed = threading.Condition()
        self._watched_by = 0

    def wait(self, key: RevisionKey, seconds: float) -> bool | None:
        """Waits until the revision is settled.

        Args:
            key: What is waited for.
            seconds: How long at most.

        Returns:
            Whether it is settled; None, at once, if too many wait already.
        """
        if self._free is None or not self._free.acquire(blocking=False):
            return None
        try:
            return self._wait(key, seconds)
        finally:
            self._free.release()

    def _wait(self, key: RevisionKey, seconds: float) -> bool:
        settled = threading.Event()
        self._add(key, settled)
        try:
            # looked for after adding, so that no wake-up can fall in between
            return key in self._look([key]) or settled.wait(seconds)
        finally:
            self._remove(key, settled)

    def _add(self, key: RevisionKey, settled: threading.Event) -> None:
        with self._changed:
            self._waiting[key].append(settled)
            self._changed.notify()
            if self._watched_by != os.getpid():  # threads do not survive a fork
                self._watched_by = os.getpid()
                wakeups = WakeupListener.listen(self._run_dir, WAKEUP_PREFIX + clock.new_id())
                threading.Thread(
                    target=self._watch, args=(wakeups,), name="waiters", daemon=True
                ).start()

    def _remove(self, key: RevisionKey, settled: threading.Event) -> None:
        with self._changed:
            self._waiting[key].remove(settled)
            if not self._waiting[key]:
                del self._waiting[key]

    def _watch(self, wakeups: WakeupListener) -> None:
        while True:
            with self._changed:
                while not self._waiting:
                    self._changed.wait()
            wakeups.wait(BACKSTOP_SECONDS)
            self._wake_settled()

    def _wake_settled(self) -> None:
        with self._changed:
            keys = list(self._waiting)
        try:
            settled = self._look(keys) if keys else set()
        except Exception:  # the database is away: every request still has its time limit
            log.warning("cannot look for waiting requests", exc_info=True)
            time.sleep(BACKSTOP_SECONDS)
            return
        with self._changed:
            for key in settled:
                for waiting in self._waiting.get(key, ()):
                    waiting.set()
