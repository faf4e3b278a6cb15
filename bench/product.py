"""The product, started for the bench in a folder of its own."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from bench.floors import ROOT, free_port
from bench.load import Client
from bench.servers import address

_PLANNED = "SELECT count(*) FROM plans"


@dataclass(frozen=True)
class Running:
    """Where the product listens, a token, and where its plans are stored."""

    ports: dict[str, int]
    token: str
    root: int
    treatment_url: str

    def client(self, service: str = "gateway") -> Client:
        return Client(self.ports[service], {"Authorization": f"Bearer {self.token}"})

    def planned(self) -> int:
        """Return how many plans are stored; asked of the database, so that a look costs little."""
        if self.treatment_url.startswith("sqlite"):
            path = self.treatment_url.removeprefix("sqlite:///")
            with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
                return int(database.execute(_PLANNED).fetchone()[0])
        with psycopg.connect(**address(self.treatment_url)) as connection:
            return int(connection.execute(_PLANNED).fetchone()[0])  # type: ignore[index] # one row


@contextlib.contextmanager
def running(folder: Path, servers: Mapping[str, str] | None = None) -> Iterator[Running]:
    """Start the embedded default, or the product on servers that the environment names."""
    command = ["backmice", "up", "--data", str(folder), "--port", str(free_port())]
    command += ["--profile", "servers"] if servers else []
    environment = os.environ | {"PYTHONPATH": str(ROOT / "services")} | dict(servers or {})
    with (folder.parent / "up.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    try:
        yield _ready(process, folder, (servers or {}).get("TREATMENT_DATABASE_URL"))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(15)


def _ready(process: "subprocess.Popen[bytes]", folder: Path, stored: str | None) -> Running:
    note, deadline = folder / "run.json", time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if note.exists():
            run: dict[str, Any] = json.loads(note.read_text())
            stored = stored or f"sqlite:///{next(folder.rglob('treatment.db'))}"
            return Running(run["ports"], run["token"], process.pid, stored)
        time.sleep(0.05)
    raise TimeoutError("the product did not become ready")
