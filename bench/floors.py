"""What this machine can do at best, measured in the same run by the least code for the job."""

import contextlib
import os
import random
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.load import Client, Times, timed

ROOT = Path(__file__).parents[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def echo_server() -> Iterator[int]:
    """Our server's configuration around a view that echoes."""
    port = free_port()
    settings = {"PORT": str(port), "THREADS": "48", "PYTHONPATH": f"{ROOT / 'services'}:{ROOT}"}
    command = [
        "gunicorn",
        "--config",
        str(ROOT / "deploy" / "gunicorn.conf.py"),
        "bench.echo:api()",
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", *command], env=os.environ | settings, cwd=ROOT
    )
    try:
        _until_listening(port)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _until_listening(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise TimeoutError("the echo server does not listen")


def echo(body: bytes, seconds: float, pause: float) -> Times:
    """Time the echo with the same pause between requests that the product gets."""
    with echo_server() as port:
        client = Client(port, {})
        return timed(lambda: client.post("/v1/cases", body, 202), seconds, pause)


class Commits:
    """Durable one-row commits: WAL, synchronous=FULL, as our databases are."""

    def __init__(self, folder: Path, body: bytes) -> None:
        self._database = sqlite3.connect(folder / "floor.db", isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, body BLOB)")
        self._body = body

    def commit(self, times: int = 1) -> None:
        for _ in range(times):
            self._database.execute("BEGIN IMMEDIATE")
            self._database.execute("INSERT INTO row (body) VALUES (?)", (self._body,))
            self._database.execute("COMMIT")

    def timed(self, times: int, seconds: float) -> Times:
        return timed(lambda: self.commit(times), seconds)

    def rate(self, times: int, seconds: float) -> float:
        """Return how many cases of so many commits each fit into a second, one after the other."""
        return 1e3 / self.timed(times, seconds).mean


def predicate_loop(leaves: int) -> Callable[[dict[str, Any]], int]:
    """As many three-valued comparisons as the rules have leaves, in one generated function."""
    chosen = random.Random(1)
    lines = ["def judge(facts):", " get = facts.get", " true = 0"]
    for number in range(leaves):
        lines.append(f" v = get('fact{number % 60}')")
        lines.append(f" true += (None if v is None else v >= {chosen.randrange(100)}) is True")
    lines.append(" return true")
    scope: dict[str, Any] = {}
    exec("\n".join(lines), scope)  # noqa: S102 - our own text
    judge: Callable[[dict[str, Any]], int] = scope["judge"]
    return judge
