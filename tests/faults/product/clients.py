"""Clinics that go on sending cases while something is broken, and insist until they are told."""

import statistics
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.faults.product.plant import Plant
from tests.faults.product.promises import a_case, comes_again
from tests.system.product import Reply

from chassis.clock import new_id

ACCEPTED = {202}
AT_ONCE = 20
ROUNDS = 5
"""In most of them all are refused in time; a machine that others need may cost two."""
REFUSED_WITHIN_S = 2.0
INSISTS_S = 30.0
MOST_REFUSED = 0.02
PACE_S = 0.2
"""More would only make the wait for the end longer."""


class Answer(NamedTuple):
    """What one request brought: status, when it was asked, how long it took."""

    status: int
    asked_at: float
    seconds: float


@dataclass
class Load:
    """What clients were told, however the answer turned out.

    Attributes:
        answers: In order.
        undocumented: Answers that no client could understand.
    """

    works: Plant
    answers: list[Answer] = field(default_factory=list)
    undocumented: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    _ended_at: float = 0.0

    @property
    def statuses(self) -> set[int]:
        return {answer.status for answer in self.answers}

    @property
    def hardly_refused(self) -> bool:
        """Whether few were told to come again: a disk that stalls may cost one in fifty."""
        refused = sum(answer.status not in ACCEPTED for answer in self.answers)
        return refused <= max(1, MOST_REFUSED * len(self.answers))

    def since(self, moment: float) -> list[int]:
        """The statuses of what was asked later than that."""
        return [answer.status for answer in self.answers if answer.asked_at > moment]

    def run(self) -> None:
        """One clinic: one case after the other."""
        while not self.over.wait(PACE_S):
            self._insist("/v1/cases", a_case(), new_id())

    def _insist(self, path: str, body: object, key: str) -> Reply | None:
        reply = None
        while reply is None or comes_again(reply):
            began = time.monotonic()
            reply = self.works.post(path, body, key)
            self.answers.append(Answer(reply.status, began, time.monotonic() - began))
            if not (reply.status in ACCEPTED or is_refusal(reply) or _is_in_use(reply)):
                self.undocumented.append(f"{reply.status} {reply.headers} {reply.text}")
            if comes_again(reply) and self._gives_up():
                return None
        return reply

    def _gives_up(self) -> bool:
        """After the end clients still insist for a while: what they were told may have happened.

        Whoever is refused while the database dies does not know whether it kept the case.
        """
        if not self.over.wait(0.1):
            return False
        self._ended_at = self._ended_at or time.monotonic()
        time.sleep(0.1)
        return time.monotonic() - self._ended_at > INSISTS_S


def is_refusal(reply: Reply) -> bool:
    """Whether it says, as documented, when to come again; with the same key it is safe."""
    return (
        reply.status == 503
        and reply.headers["content-type"].startswith("application/problem+json")
        and int(reply.headers.get("retry-after", 0)) > 0
    )


def _is_in_use(reply: Reply) -> bool:
    """Whether it says that the first request with its key is still running."""
    return (
        reply.status == 409
        and reply.json()["type"].endswith("idempotency-key-in-use")
        and int(reply.headers.get("retry-after", 0)) > 0
    )


def expect_refusals(works: Plant) -> None:
    """Whoever asks is refused at once, however many ask."""
    slowest = statistics.median(_slowest_refusal(works) for _ in range(ROUNDS))
    assert slowest < REFUSED_WITHIN_S, f"the last of {AT_ONCE} mostly waited {slowest:.1f} s"


def _slowest_refusal(works: Plant) -> float:
    """How long the last of many waits, all of whom are refused."""
    answers = _all_at_once(works)
    assert all(is_refusal(reply) for reply, _ in answers), [one.text for one, _ in answers]
    return max(seconds for _, seconds in answers)


def _all_at_once(works: Plant) -> list[tuple[Reply, float]]:
    def ask(_: int) -> tuple[Reply, float]:
        began = time.monotonic()
        return works.submit(), time.monotonic() - began

    with ThreadPoolExecutor(AT_ONCE) as clients:
        return list(clients.map(ask, range(AT_ONCE)))


@contextmanager
def load(works: Plant, clients: int = 3) -> Iterator[Load]:
    """Clients that work within the block; who was refused insists for a while after it."""
    busy = Load(works)
    with ThreadPoolExecutor(clients) as pool:
        running: list[Future[None]] = [pool.submit(busy.run) for _ in range(clients)]
        try:
            yield busy
        finally:
            busy.over.set()
        for one in running:
            one.result(60)
