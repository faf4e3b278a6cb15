"""The product, started for the bench in a folder of its own."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.floors import ROOT, free_port
from bench.load import Client


@dataclass(frozen=True)
class Running:
    """Where the product listens, and a token."""

    ports: dict[str, int]
    token: str

    def client(self, service: str = "intake") -> Client:
        return Client(self.ports[service], {"Authorization": f"Bearer {self.token}"})

    def wait_until_planned(self, seconds: float) -> float:
        """Waits until all cases have their plans; returns the time on the clock then.

        It looks seldom, because a look costs as much as a case, and first at the newest cases,
        which are the last to be planned as a rule.
        """
        client, deadline = self.client(), time.perf_counter() + seconds
        while time.perf_counter() < deadline:
            looked_at = time.perf_counter()
            if all(all(_planned(case) for case in page) for page in _pages(client)):
                return looked_at
            time.sleep(0.1)
        raise TimeoutError("the cases did not get their plans")


def _pages(client: Client) -> Iterator[list[dict[str, Any]]]:
    """All cases, the newest first."""
    path = "/v1/cases?limit=100"
    while path:
        content, path = client.get(path)
        yield json.loads(content)["cases"]


def _planned(case: dict[str, Any]) -> bool:
    return bool(case["progress"]["state"] == "planned")


@contextlib.contextmanager
def running(folder: Path, servers: Mapping[str, str] | None = None) -> Iterator[Running]:
    """Starts the embedded default, or the product on servers that the environment names."""
    command = ["backmice", "up", "--data", str(folder), "--port", str(free_port())]
    command += ["--profile", "servers"] if servers else []
    environment = os.environ | {"PYTHONPATH": str(ROOT / "services")} | dict(servers or {})
    with (folder.parent / "up.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    try:
        yield _ready(process, folder / "run.json")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(15)


def _ready(process: "subprocess.Popen[bytes]", note: Path) -> Running:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if note.exists():
            said: dict[str, Any] = json.loads(note.read_text())
            return Running(said["ports"], said["token"])
        time.sleep(0.05)
    raise TimeoutError("the product did not become ready")
