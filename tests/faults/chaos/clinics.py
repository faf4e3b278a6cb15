"""Clinics at work: cases, follow-ups, and the same request twice; each insists on an answer."""

import contextlib
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import urllib3
from tests.faults.product.plant import Plant
from tests.faults.product.promises import a_case, comes_again
from tests.system.product import Reply, example

from chassis.clock import new_id

PACE_S: Final = 0.25
CLINICS: Final = 4
LONGEST_S: Final = 120.0
FOLLOWED: Final = 0.5
REPEATED: Final = 0.25


@dataclass
class Clinics:
    """What clinics asked for, what they were told, and what they met that must not be."""

    works: Plant
    seed: int
    submitted: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    replays: int = 0
    unlike: int = 0
    slowest_s: float = 0.0
    met: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._token = self.works.product.note["token"]  # its file is gone while nobody runs

    def run(self, number: int) -> None:
        """One clinic, until it is over; if it meets what must not be, it is over for all."""
        try:
            self._work(number)
        finally:
            self.over.set()

    def _work(self, number: int) -> None:
        chance = random.Random(self.seed * 1_000 + number)
        while not self.over.wait(PACE_S * chance.uniform(0.5, 1.5)):
            body = a_case(age_years=chance.randint(47, 90))
            wait = {"Prefer": "wait=1"} if chance.random() < FOLLOWED else {}
            case = self._insist("/v1/cases", body, chance, **wait)
            revision = 1
            while chance.random() < FOLLOWED:
                path = f"/v1/cases/{case['case_id']}/follow-ups"
                seen = {"If_Match": f'"{revision}"'}
                self._insist(path, example("bm01_follow_up"), chance, **seen)
                revision += 1

    def _insist(self, path: str, body: Any, chance: random.Random, **headers: str) -> Any:
        """Asks until it is told; then sometimes once more, and compares."""
        key = new_id()
        with self._guard:
            self.submitted += 1
        outcome = self._answer(path, body, key, **headers)
        if chance.random() < REPEATED:
            again = self._answer(path, body, key, **headers)
            with self._guard:
                self.replays += 1
                same = ("case_id", "revision")
                self.unlike += any(outcome[name] != again[name] for name in same)
        return outcome

    def _answer(self, path: str, body: Any, key: str, **headers: str) -> Any:
        began = time.monotonic()
        while True:
            reply = self._ask(path, body, key, **headers)
            if reply is not None and reply.status in {200, 202}:
                with self._guard:
                    self.slowest_s = max(self.slowest_s, time.monotonic() - began)
                return reply.json()
            assert reply is None or comes_again(reply), f"{reply.status} {reply.text}"
            assert time.monotonic() - began < LONGEST_S, f"no answer to {path} {key}"
            time.sleep(0.1)

    def _ask(self, path: str, body: Any, key: str, **headers: str) -> Reply | None:
        reply = None
        with contextlib.suppress(urllib3.exceptions.HTTPError):
            reply = self.works.post(path, body, key, token=self._token, **headers)
        with self._guard:
            self.statuses["no answer" if reply is None else str(reply.status)] += 1
        return reply


@contextmanager
def clinics_at_work(works: Plant, seed: int) -> Iterator[Clinics]:
    """Clinics that work within the block; what they have begun they finish after it."""
    busy = Clinics(works, seed)
    with ThreadPoolExecutor(CLINICS) as pool:
        running = [pool.submit(busy.run, number) for number in range(CLINICS)]
        try:
            yield busy
        finally:
            busy.over.set()
    # whatever it is, it belongs into the report
    busy.met += [f"a clinic met {error!r}" for one in running if (error := one.exception())]
