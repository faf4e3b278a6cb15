"""Clients on keep-alive connections, and what their times say."""

import http.client
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any


@dataclass(frozen=True)
class Times:
    """Durations in milliseconds, sorted."""

    values: list[float]

    @property
    def p50(self) -> float:
        return self.values[len(self.values) // 2]

    @property
    def mean(self) -> float:
        return sum(self.values) / len(self.values)

    @property
    def p99(self) -> float:
        return self.values[min(len(self.values) - 1, int(len(self.values) * 0.99))]


class Client:
    """One keep-alive connection."""

    def __init__(self, port: int, headers: Mapping[str, str]) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=40)
        self._headers = {"Content-Type": "application/json", **headers}

    def post(self, path: str, body: bytes, wanted: int, **more: str) -> bytes:
        named = {name.replace("_", "-"): value for name, value in more.items()}
        self._connection.request("POST", path, body, self._headers | named)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != wanted:
            raise RuntimeError(f"{path} answered {answer.status}: {content[:300]!r}")
        return content


def timed(work: Callable[[], Any], seconds: float, pause: float = 0.0) -> Times:
    """One client, one request after the other, for some seconds; the first tenth warms up."""
    values = []
    end = time.perf_counter() + seconds
    warm = time.perf_counter() + seconds / 10
    while (began := time.perf_counter()) < end:
        work()
        if began > warm:
            values.append((time.perf_counter() - began) * 1e3)
        if pause:
            time.sleep(pause)
    return Times(sorted(values))


def together(make: Callable[[], Callable[[], Any]], clients: int, seconds: float) -> int:
    """Several clients at once for some seconds; returns how many requests were answered."""
    done, end = count(), time.perf_counter() + seconds

    def run() -> None:
        work = make()
        while time.perf_counter() < end:
            work()
            next(done)

    threads = [threading.Thread(target=run) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return next(done)
