"""Clinics that submit all the time, and insist with the same key until they are told yes."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import urllib3
from tests.compose.stack import Stack
from tests.system.product import eventually, example

from chassis.clock import new_id

NO_ANSWER = 0
PAUSE_S = 0.2
GIVE_UP_S = 300.0


def a_case() -> dict[str, Any]:
    return example("bm01_completed") | {"reference": f"COMPOSE-{new_id()}"}


@dataclass
class Clients:
    """Some threads of submissions, and what they were told."""

    stack: Stack
    acknowledged: list[str] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    unwelcome: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def at_work(self, threads: int = 3) -> Iterator["Clients"]:
        """Submits in the background; at the end every case that was begun has been acknowledged."""
        working = [threading.Thread(target=self._work, daemon=True) for _ in range(threads)]
        for thread in working:
            thread.start()
        try:
            yield self
        finally:
            self.over.set()
            for thread in working:
                thread.join(GIVE_UP_S)
        assert not any(thread.is_alive() for thread in working), "a client was never told yes"
        assert self.unwelcome == []

    def await_acknowledged(self, more: int) -> None:
        goal = len(self.acknowledged) + more
        eventually(lambda: len(self.acknowledged) >= goal, f"{more} more cases", GIVE_UP_S)

    def await_refused(self, more: int) -> None:
        goal = len(self.refused) + more
        eventually(lambda: len(self.refused) >= goal, f"{more} refusals", GIVE_UP_S)

    def _work(self) -> None:
        while not self.over.is_set():
            self._insist(new_id(), a_case())

    def _insist(self, key: str, body: dict[str, Any]) -> None:
        """Repeats one submission until it is taken; only what may be repeated is repeated."""
        pause = threading.Event()
        while True:
            status, location = self._submit(key, body)
            if status == 202:
                self.acknowledged.append(location.rpartition("/")[2])
                pause.wait(PAUSE_S)
                return
            self.refused.append(status)
            if status not in (NO_ANSWER, 409, 429, 502, 503, 504):
                self.unwelcome.append(f"{status} for {key}")
                return
            pause.wait(PAUSE_S)

    def _submit(self, key: str, body: dict[str, Any]) -> tuple[int, str]:
        try:
            reply = self.stack.ask("POST", "/v1/cases", body, Idempotency_Key=key)
        except urllib3.exceptions.HTTPError:
            return NO_ANSWER, ""
        return reply.status, reply.headers.get("location", "")
