"""`backmice up`: starts everything, watches it, and stops it when it ends."""

import ctypes
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any, Final

from backmice.children import Child, Children, ParentPipe, last_lines, run_all, trim
from backmice.data_directory import DataDirectory
from backmice.ports import Ports
from backmice.profiles import Embedded, Profile
from backmice.topology import SERVICES, Task, Topology

READY_S: Final = 60.0
TICK_S: Final = 0.05
TRIM_EVERY_S: Final = 30.0
HOPELESS_EXITS: Final = 3
PR_SET_PDEATHSIG: Final = 1


class StartFailed(Exception):
    """It cannot be started; the sentence says why."""


@dataclass
class Supervisor:
    """The whole system as one thing.

    Args:
        folder: Where its data are.
        host: What the gateway listens on.
        port: The gateway's port.
        end_with_parent: Stop when the process that started this one is gone (as `make` may be).
        profile: Where data and events are; the embedded default if None.
    """

    folder: DataDirectory
    host: str
    port: int
    end_with_parent: bool = False
    profile: Profile | None = None
    children: Children = field(default_factory=Children)
    stopping: bool = False
    parent: int = field(default_factory=os.getppid)
    state: dict[str, Any] = field(default_factory=dict)

    def run(self) -> int:
        """Run until a signal; returns the exit code."""
        began = time.monotonic()
        self._handle_signals()
        lock = self.folder.lock()
        parent_pipe = ParentPipe()
        inherited = (parent_pipe.reading, lock)
        ports = Ports(self.host)
        try:
            plan = self._plan(ports)
            plan.profile.check()
            token = self._prepare(plan, inherited)
            self._start(plan, inherited)
            if self._wait_until_ready(plan):
                self._publish_state(plan, token, time.monotonic() - began)
                self._watch()
        finally:
            self.folder.state_file.unlink(missing_ok=True)
            self.children.stop()
            parent_pipe.close()
            ports.release()
            os.close(lock)
        _print_sentence("stopped.")
        return 0

    def _handle_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._request_stop)
        if self.end_with_parent:
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

    def _request_stop(self, _number: int, _frame: object) -> None:
        self.stopping = True

    def _should_stop(self) -> bool:
        orphaned = self.end_with_parent and os.getppid() != self.parent
        return self.stopping or orphaned

    def _plan(self, ports: Ports) -> Topology:
        profile = self.profile or Embedded(self.folder)
        reserved = {"gateway": ports.reserve(self.port)}
        with_figures = [
            f"{name}-{role}" for name in SERVICES for role in profile.roles_with_figures
        ]
        for name in (*SERVICES, *with_figures):
            reserved[name] = ports.reserve_free(max(reserved.values()))
        return Topology(self.folder, self.host, reserved, profile)

    def _prepare(self, plan: Topology, inherited: tuple[int, ...]) -> str:
        """Make topics, tables and keys where there are none, and returns a token."""
        minting = subprocess.Popen(
            Task("token", ("backmice", "token", "--data", str(self.folder.root))).command,
            stdout=subprocess.PIPE,
        )
        failed = run_all(plan.preparations(), self.folder.logs, inherited)
        token = minting.communicate()[0].decode().strip()
        if failed:
            raise StartFailed(_last_lines_of(failed))
        if minting.returncode:
            raise StartFailed("no token could be made")
        return token

    def _start(self, plan: Topology, inherited: tuple[int, ...]) -> None:
        for task in plan.processes():
            log = self.folder.logs / f"{task.name}.log"
            trim(log)
            child = Child(task, log, inherited)
            self.children.all.append(child)
            child.start()

    def _wait_until_ready(self, plan: Topology) -> bool:
        deadline = time.monotonic() + READY_S
        while not self._should_stop():
            self.children.restart_ended(_print_sentence)
            failing = [child for child in self.children.all if child.exits >= HOPELESS_EXITS]
            if failing:
                raise StartFailed(_last_lines_of(failing))
            if answers(f"{plan.address}/readyz") and all(c.alive() for c in self.children.all):
                return True
            if time.monotonic() > deadline:
                raise StartFailed(f"not ready after {READY_S:.0f} s; see {self.folder.logs}")
            time.sleep(TICK_S)
        return False

    def _publish_state(self, plan: Topology, token: str, took: float) -> None:
        self.state = {
            "address": plan.address,
            "profile": plan.profile.name,
            "token": token,
            "supervisor": os.getpid(),
            "ports": dict(plan.ports),
            "processes": self.children.pids(),
        }
        self.folder.write_state(self.state)
        print(_WELCOME.format(address=plan.address, token=token, took=took, data=self.folder.root))
        sys.stdout.flush()

    def _record_restarts(self) -> None:
        """Keep the state file true; a process between two starts stays in it with its old pid."""
        if not self.children.pids().items() <= self.state["processes"].items():
            self.state["processes"] |= self.children.pids()
            self.folder.write_state(self.state)

    def _watch(self) -> None:
        trimmed = time.monotonic()
        while not self._should_stop():
            time.sleep(TICK_S)
            self.children.restart_ended(_print_sentence)
            self._record_restarts()
            if time.monotonic() - trimmed > TRIM_EVERY_S:
                trimmed = time.monotonic()
                for child in self.children.all:
                    trim(child.log)


def answers(address: str) -> bool:
    """Tell whether a GET is answered with 200 now."""
    try:
        with urllib.request.urlopen(address, timeout=2) as response:  # noqa: S310 - our own http address
            return bool(response.status == 200)  # noqa: PLR2004
    except (urllib.error.URLError, OSError):
        return False


def _last_lines_of(failed: list[Child]) -> str:
    return "\n".join(f"{c.task.name} ended; its last words:\n{last_lines(c.log)}" for c in failed)


def _print_sentence(sentence: str) -> None:
    print(f"backmice: {sentence}", file=sys.stderr, flush=True)


_WELCOME: Final = """
Backmice is ready at {address} (after {took:.1f} s; data in {data})

A token of the demo tenant, good for 12 hours:

  export TOKEN={token}

Try it:

  curl -s {address}/v1/cases \\
    -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \\
    -H "Idempotency-Key: first-try" -H "Prefer: wait=10" \\
    -d @docs/examples/bm01_completed.json

or, in another terminal, make demo. The interface is described at {address}/openapi.json.
Ctrl-C stops everything; the data stay.
"""
