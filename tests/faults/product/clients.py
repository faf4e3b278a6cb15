"""Clinics that go on sending cases while something is broken, and insist until they are told."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.faults.product.plant import Plant, a_case
from tests.system.product import Reply

from chassis.clock import new_id

DOCUMENTED = {202, 503}
PACE_S = 0.2
"""More would only make the wait for the end longer."""


@dataclass
class Load:
    """What clients were told, however the answer turned out.

    Attributes:
        answers: Status and seconds, in order.
    """

    works: Plant
    answers: list[tuple[int, float]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def statuses(self) -> set[int]:
        return {status for status, _ in self.answers}

    def run(self) -> None:
        """One clinic: one case after the other."""
        while not self.over.wait(PACE_S):
            self._insist("/v1/cases", a_case(), new_id())

    def _insist(self, path: str, body: object, key: str) -> Reply | None:
        reply = None
        while reply is None or reply.status >= 500:
            began = time.monotonic()
            reply = self.works.post(path, body, key)
            self.answers.append((reply.status, time.monotonic() - began))
            if reply.status >= 500 and self.over.wait(0.1):
                return None
        return reply


@contextmanager
def load(works: Plant, clients: int = 3) -> Iterator[Load]:
    """Clients that work within the block; who was not answered gives up after it."""
    busy = Load(works)
    with ThreadPoolExecutor(clients) as pool:
        running: list[Future[None]] = [pool.submit(busy.run) for _ in range(clients)]
        try:
            yield busy
        finally:
            busy.over.set()
        for one in running:
            one.result(60)
