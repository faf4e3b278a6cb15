"""The jobs that product and peer are measured at, in the same way."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from bench.load import Client, Times, timed, together
from bench.usage import cpu_seconds, per_case

PAUSE_S = 0.1
"""Between two requests of an idle measurement, so that the one before has come to its end."""

WARM_UP = 20
_LOOK_S = 0.02


class System(Protocol):
    """Something that takes cases and makes plans of them."""

    root: int
    """The process above all of its."""

    def client(self, service: str = ...) -> Client:
        """Connect to one of its services."""

    def planned(self) -> int:
        """Return how many plans are stored."""


@dataclass(frozen=True)
class Sustained:
    """Several clients at once.

    Attributes:
        rate: planned cases per second, from the first request to the last plan.
        accepted: answered requests per second.
        cpu: milliseconds of CPU per case, by process.
    """

    rate: float
    accepted: float
    cpu: Mapping[str, float]

    @property
    def total(self) -> float:
        """CPU per case of all processes, servers included."""
        return sum(self.cpu.values())


def post_idle(
    system: System, body: bytes, seconds: float, keys: Iterator[str], service: str
) -> Times:
    """Time one POST after the other that is answered when the case is stored."""
    client, before, sent = system.client(service), system.planned(), 0

    def submit() -> None:
        nonlocal sent
        client.post("/v1/cases", body, 202, Idempotency_Key=next(keys))
        sent += 1

    times = timed(submit, seconds, PAUSE_S)
    wait_until(lambda: system.planned() >= before + sent, 60)
    return times


def answer_idle(system: System, body: bytes, seconds: float, keys: Iterator[str]) -> Times:
    """Time one POST after the other that is answered when the plan is there."""
    client = system.client()

    def submit() -> None:
        more = {"Idempotency_Key": next(keys), "Prefer": "wait=30"}
        client.post("/v1/cases", body, 200, **more)

    for _ in range(WARM_UP):
        submit()
    return timed(submit, seconds, PAUSE_S)


def sustained(
    system: System, body: bytes, seconds: float, clients: int, keys: Iterator[str]
) -> Sustained:
    """Have so many clients submit cases for some seconds, and wait for the last plan."""

    def make() -> Callable[[], object]:
        client = system.client()
        return lambda: client.post("/v1/cases", body, 202, Idempotency_Key=next(keys))

    before, used = system.planned(), cpu_seconds(system.root)
    began = time.perf_counter()
    done = together(make, clients, seconds)
    accepted = time.perf_counter() - began
    wait_until(lambda: system.planned() >= before + done, 120)
    # a look that found the last plan ends after it: the rate is never better than it was
    took = time.perf_counter() - began
    return Sustained(done / took, done / accepted, per_case(used, cpu_seconds(system.root), done))


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.perf_counter() + seconds
    while not condition():
        if time.perf_counter() > deadline:
            raise TimeoutError("the cases did not get their plans")
        time.sleep(_LOOK_S)
