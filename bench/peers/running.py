"""Starts the peer's three processes in an environment of their own."""

import contextlib
import os
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.floors import ROOT, free_port
from bench.load import Client
from kafka import KafkaAdminClient
from sqlalchemy.engine import make_url

LOCK = Path(__file__).with_name("requirements.lock")
ENVIRONMENT = ROOT / ".venv" / "peers"
ROLES = ("intake", "diagnosis", "treatment")
TOPICS = ("peer.case", "peer.assessment", "peer.plan")
_OPTIONS = ("bench.peers.faststream_peer:app", "--log-level", "warning", "--no-access-log")
_READY_SECONDS = 60.0


@dataclass(frozen=True)
class RunningPeer:
    """Where the peer listens, and whose processes are its."""

    ports: Mapping[str, int]
    root: int

    def client(self, _service: str = "intake") -> Client:
        return Client(self.ports["intake"], {})

    def planned(self) -> int:
        """Return how many plans are stored where they are made."""
        address = f"http://127.0.0.1:{self.ports['treatment']}/count/plan"
        with urllib.request.urlopen(address, timeout=10) as answer:
            return int(answer.read())


def environment() -> Path:
    """Return the Python of the peer; its packages come from a lock of its own."""
    python, stamp = ENVIRONMENT / "bin" / "python", ENVIRONMENT / "stamp"
    if not stamp.exists() or stamp.read_bytes() != LOCK.read_bytes():
        print("bench: installing what the peer needs (once)", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--require-hashes", "-r", str(LOCK)], check=True)
        # the product's own packages come after those of the peer
        path = Path(sysconfig.get_path("purelib", vars={"base": str(ENVIRONMENT)}))
        (path / "product.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
        stamp.write_bytes(LOCK.read_bytes())
    return python


@contextlib.contextmanager
def running_peer(servers: Mapping[str, str]) -> Iterator[RunningPeer]:
    """Run it on the servers that the product's environment names.

    Args:
        servers: `BROKER_URL`, and `<SERVICE>_DATABASE_URL` of three databases that are empty.
    """
    python, ports = environment(), {role: free_port() for role in ROLES}
    bootstrap = servers["BROKER_URL"].removeprefix("kafka://")
    _make_topics(bootstrap)
    processes = [
        subprocess.Popen(
            [str(python), "-m", "uvicorn", *_OPTIONS, "--port", str(ports[role])],
            cwd=ROOT,
            env={
                **os.environ,
                "ROLE": role,
                "BROKER": bootstrap,
                "DSN": _asyncpg(servers[f"{role.upper()}_DATABASE_URL"]),
                "PYTHONPATH": f"{ROOT}:{ROOT / 'services'}",
            },
        )
        for role in ROLES
    ]
    try:
        for port in ports.values():
            _until_ready(port)
        yield RunningPeer(ports, os.getpid())
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(15)


def _make_topics(bootstrap: str) -> None:
    layout = {topic: {"num_partitions": 4, "replication_factor": 1} for topic in TOPICS}
    with contextlib.closing(KafkaAdminClient(bootstrap_servers=bootstrap)) as admin:
        admin.create_topics({t: how for t, how in layout.items() if t not in admin.list_topics()})


def _asyncpg(url: str) -> str:
    return make_url(url).set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)


def _until_ready(port: int) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, urllib.error.URLError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/count/plan", timeout=2).close()
            return
        time.sleep(0.1)
    raise TimeoutError("the peer did not become ready")
