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

    def unplanned(self) -> int:
        """How many of the newest cases have no plan yet."""
        listed = json.loads(self.client().get("/v1/cases?limit=100"))["cases"]
        return sum(case["progress"]["state"] != "planned" for case in listed)

    def wait_until_planned(self, seconds: float) -> float:
        """Waits until the newest cases have their plans; returns the time on the clock then."""
        deadline = time.perf_counter() + seconds
        while self.unplanned():
            if time.perf_counter() > deadline:
                raise TimeoutError("the cases did not get their plans")
            time.sleep(0.01)
        return time.perf_counter()


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
