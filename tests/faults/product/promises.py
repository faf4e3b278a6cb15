"""Clients that ask the product, insist as good clients do, and keep what they were promised."""

import contextlib
import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import urllib3
from tests.support.parties import Acknowledged
from tests.system.product import Product, Reply, eventually, example

from chassis.clock import new_id
from intake.events import TOPIC

INSISTENCE_S = 60.0
_numbers = itertools.count(1)


def a_case(**patient: Any) -> dict[str, Any]:
    """A case that a clinic might send, each with a reference of its own."""
    body = example("bm01_completed") | {"reference": f"FAULT-{next(_numbers)}"}
    body["patient"] = body["patient"] | patient
    return body


def comes_again(reply: Reply) -> bool:
    """Whether who hears this asks again: nobody could answer, or another one has its key."""
    return reply.status >= 500 or (reply.status == 409 and "retry-after" in reply.headers)


def _final(ask: Callable[[], Reply], what: str) -> Reply:
    """Asks until the answer is final; where all are busy, some are refused."""

    def asked() -> Reply | None:
        with contextlib.suppress(urllib3.exceptions.HTTPError):
            reply = ask()
            return None if comes_again(reply) else reply
        return None

    reply: Reply = eventually(asked, what, INSISTENCE_S)
    return reply


@dataclass
class Asking:
    """One product, and what its clients were told.

    Attributes:
        told: What was promised to clients.
    """

    product: Product
    acknowledgements: list[Acknowledged] = field(default_factory=list, kw_only=True)
    _guard: threading.Lock = field(default_factory=threading.Lock, kw_only=True)

    def submit(self, body: Any = None, key: str = "", **more: Any) -> Reply:
        """POSTs a case once, and remembers what was acknowledged."""
        body = a_case() if body is None else body
        return self.post("/v1/cases", body, key or new_id(), **more)

    def post(self, path: str, body: Any, key: str, **headers: Any) -> Reply:
        return self.note_reply(self.product.ask("POST", path, body, Idempotency_Key=key, **headers))

    def note_reply(self, reply: Reply) -> Reply:
        """Remembers a promise."""
        if reply.status in {200, 202}:
            document = reply.json()
            promise = Acknowledged(TOPIC, "demo", document["case_id"], document["revision"])
            with self._guard:
                self.acknowledgements.append(promise)
        return reply

    def insist(self, path: str, body: Any, key: str, **headers: Any) -> Reply:
        """POSTs with the same key until it is told that it worked, as a good client does."""
        reply = _final(lambda: self.post(path, body, key, **headers), f"an answer to {key}")
        assert reply.status in {200, 202}, reply.text
        return reply

    def accepted(self, body: Any = None, **headers: Any) -> str:
        """Gives a case that was accepted, where that is no question of the test."""
        body = a_case() if body is None else body
        case_id: str = self.insist("/v1/cases", body, new_id(), **headers).json()["case_id"]
        return case_id

    def planned(self) -> str:
        """Gives a case that has come as far as its plan; the same key waits again."""
        body, key = a_case(), new_id()

        def asked() -> str | None:
            reply = self.insist("/v1/cases", body, key, Prefer="wait=20")
            return reply.json()["case_id"] if reply.status == 200 else None

        case_id: str = eventually(asked, "a case to travel", INSISTENCE_S)
        return case_id

    def revise(self, case_id: str, revision: int, **patient: Any) -> Reply:
        """PATCHes a case until the answer is final."""
        change = {"patient": {"weight_kg": 60 + revision} | patient}
        path = f"/v1/cases/{case_id}"
        seen = f'"{revision}"'
        reply = _final(
            lambda: self.note_reply(self.product.ask("PATCH", path, change, If_Match=seen)),
            f"an answer to what follows revision {revision} of {case_id}",
        )
        if reply.status == 412:  # what was refused may have been done all the same
            self.note_reply(self._shown(case_id))
        return reply

    def progress(self, case_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self._shown(case_id).json()["progress"]
        return found

    def _shown(self, case_id: str) -> Reply:
        """GETs a case until it is shown."""
        path = f"/v1/cases/{case_id}"
        reply = _final(lambda: self.product.ask("GET", path), f"a look at {case_id}")
        assert reply.status == 200, reply.text
        return reply
