"""`backmice up`: starts everything, watches it, and takes it along when it ends."""

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
HOPELESS_DEATHS: Final = 3
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
    told: dict[str, Any] = field(default_factory=dict)

    def run(self) -> int:
        """Runs until a signal; returns the exit code."""
        began = time.monotonic()
        self._listen_for_the_end()
        lock = self.folder.lock()
        lifeline = ParentPipe()
        inherited = (lifeline.reading, lock)
        ports = Ports(self.host)
        try:
            plan = self._plan(ports)
            plan.profile.check()
            token = self._prepare(plan, inherited)
            self._start(plan, inherited)
            if self._wait_until_ready(plan):
                self._announce(plan, token, time.monotonic() - began)
                self._watch()
        finally:
            self.folder.state_file.unlink(missing_ok=True)
            self.children.stop()
            lifeline.cut()
            ports.give_back()
            os.close(lock)
        _say("stopped.")
        return 0

    def _listen_for_the_end(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._end)
        if self.end_with_parent:
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

    def _end(self, _number: int, _frame: object) -> None:
        self.stopping = True

    def _over(self) -> bool:
        orphaned = self.end_with_parent and os.getppid() != self.parent
        return self.stopping or orphaned

    def _plan(self, ports: Ports) -> Topology:
        profile = self.profile or Embedded(self.folder)
        taken = {"gateway": ports.take(self.port)}
        watched = [f"{name}-{role}" for name in SERVICES for role in profile.watched]
        for name in (*SERVICES, *watched):
            taken[name] = ports.take_free(max(taken.values()))
        return Topology(self.folder, self.host, taken, profile)

    def _prepare(self, plan: Topology, inherited: tuple[int, ...]) -> str:
        """Makes topics, tables and keys where there are none, and returns a token."""
        minting = subprocess.Popen(
            Task("token", ("backmice", "token", "--data", str(self.folder.root))).command,
            stdout=subprocess.PIPE,
        )
        failed = run_all(plan.preparations(), self.folder.logs, inherited)
        token = minting.communicate()[0].decode().strip()
        if failed:
            raise StartFailed(_why(failed))
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
        while not self._over():
            self.children.tend(_say)
            hopeless = [child for child in self.children.all if child.deaths >= HOPELESS_DEATHS]
            if hopeless:
                raise StartFailed(_why(hopeless))
            if answers(f"{plan.address}/readyz") and all(c.alive() for c in self.children.all):
                return True
            if time.monotonic() > deadline:
                raise StartFailed(f"not ready after {READY_S:.0f} s; see {self.folder.logs}")
            time.sleep(TICK_S)
        return False

    def _announce(self, plan: Topology, token: str, took: float) -> None:
        self.told = {
            "address": plan.address,
            "profile": plan.profile.name,
            "token": token,
            "supervisor": os.getpid(),
            "ports": dict(plan.ports),
            "processes": self.children.pids(),
        }
        self.folder.write_state(self.told)
        print(_WELCOME.format(address=plan.address, token=token, took=took, data=self.folder.root))
        sys.stdout.flush()

    def _tell_of_restarts(self) -> None:
        """Keeps the note true; who is between two lives stays in it with the old number."""
        if not self.children.pids().items() <= self.told["processes"].items():
            self.told["processes"] |= self.children.pids()
            self.folder.write_state(self.told)

    def _watch(self) -> None:
        trimmed = time.monotonic()
        while not self._over():
            time.sleep(TICK_S)
            self.children.tend(_say)
            self._tell_of_restarts()
            if time.monotonic() - trimmed > TRIM_EVERY_S:
                trimmed = time.monotonic()
                for child in self.children.all:
                    trim(child.log)


def answers(address: str) -> bool:
    """Whether a GET is answered with 200 now."""
    try:
        with urllib.request.urlopen(address, timeout=2) as response:  # noqa: S310 - our own http address
            return bool(response.status == 200)  # noqa: PLR2004
    except (urllib.error.URLError, OSError):
        return False


def _why(failed: list[Child]) -> str:
    return "\n".join(f"{c.task.name} ended; its last words:\n{last_lines(c.log)}" for c in failed)


def _say(sentence: str) -> None:
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
