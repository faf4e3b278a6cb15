"""The whole product as users meet it: started by its command, asked over HTTP, killed at will."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import urllib3
from tests.support.servers.ports import FIRST
from tests.system.sites import EMBEDDED, Site

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
PATIENCE_S = 30.0


def eventually(question: Callable[[], Any], what: str, patience_s: float = PATIENCE_S) -> Any:
    """Asks again until the answer is not empty; fails with what was waited for."""
    deadline = time.monotonic() + patience_s
    while True:
        answer = question()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"waited {patience_s:.0f} s in vain for {what}"
        time.sleep(0.02)


def free_port() -> int:
    """A port that was free a moment ago, with room above it, below the ports of servers."""
    # others who test at the same time begin elsewhere, and far enough away for all their ports:
    # neighbours have neighbouring pids, so they are spread
    for port in range(18080 + os.getpid() * 149 % 400 * 20, FIRST, 20):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no free port")


def example(name: str) -> dict[str, Any]:
    """A body of docs/examples."""
    body: dict[str, Any] = orjson.loads((EXAMPLES / f"{name}.json").read_bytes())
    return body


@dataclass
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Product:
    """One running system in a data folder, and on servers if its site says so."""

    data: Path
    site: Site = EMBEDDED
    environment: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    program: tuple[str, ...] = ("-m", "backmice")
    process: subprocess.Popen[bytes] | None = None
    pool: urllib3.PoolManager = field(
        default_factory=lambda: urllib3.PoolManager(maxsize=64, retries=False, timeout=60)
    )

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def note(self) -> dict[str, Any]:
        note: dict[str, Any] = orjson.loads((self.data / "run.json").read_bytes())
        return note

    def start(self, patience_s: float = 60.0) -> "Product":
        """Starts it by the operator's command and waits until it says that it is ready."""
        return self.start_as(self.command(), patience_s)

    def command(self, *more: str) -> list[str]:
        """The operator's command."""
        up = ("up", "--data", str(self.data), "--port", str(self.port), *more)
        up += () if self.site.embedded else ("--profile", self.site.profile)
        return [sys.executable, *self.program, *up]

    def start_as(self, command: list[str], patience_s: float = 60.0) -> "Product":
        """Starts it by any command that comes to the same, and waits."""
        self.launch(command)
        return self.wait(patience_s)

    def wait(self, patience_s: float = 60.0) -> "Product":
        """Waits until what was launched is ready."""
        eventually(self._ready, "readiness", patience_s)
        return self

    def launch(self, command: list[str]) -> "subprocess.Popen[bytes]":
        """Starts it without waiting."""
        self.data.mkdir(parents=True, exist_ok=True)
        (self.data / "run.json").unlink(missing_ok=True)  # a killed one could not take it away
        with (self.data / "up.log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self._environment(),
                stdout=log,
                stderr=log,
            )
        return self.process

    def _environment(self) -> dict[str, str]:
        path = {"PYTHONPATH": str(ROOT / "services")}
        return os.environ | path | self.site.environment | dict(self.environment)

    def _ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.data / "up.log").read_text()
        return (self.data / "run.json").exists() and self.is_ready()

    def is_ready(self) -> bool:
        with contextlib.suppress(urllib3.exceptions.HTTPError):
            return self.ask("GET", "/readyz", token="").status == 200
        return False

    def stop(self, number: int = signal.SIGTERM) -> None:
        """Ends the supervisor and waits until none of its processes is left."""
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(10)
            eventually(lambda: not self.processes(), "the end of all processes", 10)
            (self.data / "run.json").unlink(missing_ok=True)
            self.process = None

    def processes(self) -> dict[int, str]:
        """Every living process of this system: pid -> command; each logs into its folder."""
        return {
            pid: name for pid, name in _all_processes() if str(self.data) in name or self._owns(pid)
        }

    def _owns(self, pid: int) -> bool:
        with contextlib.suppress(OSError):
            return str(Path(f"/proc/{pid}/fd/1").readlink()).startswith(f"{self.data}/")
        return False

    def pids(self, service: str, role: str) -> list[int]:
        """The processes of a service in a role (`api`, `worker`), masters before their children."""
        wanted = f"{service} {role}"
        return sorted((pid for pid in self.processes() if wanted in _command(pid)), key=_started)

    def kill(self, service: str, role: str, number: int = signal.SIGKILL) -> list[int]:
        """Sends a signal to all processes of a role at once."""
        pids = self.pids(service, role)
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        return pids

    def token(self, tenant: str = "demo", scope: str = "", client: str = "test-client") -> str:
        """A token of any tenant, minted by the operator's command."""
        command = [sys.executable, "-m", "backmice", "token", "--data", str(self.data)]
        command += ["--tenant", tenant, "--client", client]
        command += ["--scope", scope] if scope else []
        environment = os.environ | {"PYTHONPATH": str(ROOT / "services")}
        return subprocess.check_output(command, cwd=ROOT, env=environment, text=True).strip()

    def operate(self, *arguments: str) -> str:
        """Runs an operator's command; returns what it prints."""
        own = () if arguments[0] == "topics" else ("--data", str(self.data))
        command = [sys.executable, "-m", "backmice", *arguments, *own]
        done = subprocess.run(
            command, cwd=ROOT, env=self._environment(), text=True, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = None,
        **headers: str,
    ) -> Reply:
        """One request through the gateway; header names with underscores for dashes."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        token = self.note["token"] if token is None else token
        if token:
            named["Authorization"] = f"Bearer {token}"
        if body is not None and not isinstance(body, bytes):
            body = orjson.dumps(body)
        if body is not None:
            kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
            named.setdefault("Content-Type", kind)
        answer = self.pool.request(method, self.address + path, body=body, headers=named)
        lowered = {name.lower(): value for name, value in answer.headers.items()}
        return Reply(answer.status, lowered, answer.data)

    def submit(self, body: Any, key: str, wait: int = 20, **more: Any) -> Reply:
        """POSTs a case and waits for the whole result."""
        return self.ask(
            "POST", "/v1/cases", body, Idempotency_Key=key, Prefer=f"wait={wait}", **more
        )


def _all_processes() -> Iterator[tuple[int, str]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            command = _command(int(entry.name))
            if command:
                yield int(entry.name), command


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def _started(pid: int) -> int:
    """When a process began; pids begin anew when they run out, so they tell no order.

    One that has vanished meanwhile comes last, for it is nobody's master any more.
    """
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    except OSError:
        return sys.maxsize
