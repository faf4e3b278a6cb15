"""Real processes for fault tests: started, killed with SIGKILL, never left behind."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Self

from tests.support.waiting import eventually


def stand_still(*pids: int) -> None:
    """Stop processes where they are, and wait until each of their threads stands.

    SIGSTOP alone is only a wish: on a busy machine threads went on for 60 ms after it.
    """
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
    eventually(lambda: not any(map(moves, pids)), what=f"the standstill of {pids}")


def moves(pid: int) -> bool:
    """Whether a thread of a process is not stopped and not dead (never, without /proc)."""
    for thread in Path(f"/proc/{pid}/task").glob("*/stat"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            state = thread.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            if state[0] not in "TtZX":
                return True
    return False


class Process:
    """A Python process that dies with the test."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        """Start `python *arguments`; what it writes goes to a file.

        Args:
            arguments: after the interpreter.
            environment: added to ours.
            log: where stdout and stderr are appended.
        """
        self._arguments = list(arguments)
        self._environment = dict(environment)
        self._log = log
        self._parent: int | None = None
        self._running = self._start({})

    @property
    def pid(self) -> int:
        """The process id."""
        return self._running.pid

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._running.poll() is None

    def kill(self) -> None:
        """End it with SIGKILL, as a power cut would, and wait until it is gone."""
        self._running.kill()
        self._gone()

    def stop(self) -> int:
        """Ask it to end with SIGTERM; returns its exit code."""
        self._running.terminate()
        return self._gone()

    def freeze(self) -> None:
        """Stop it where it is."""
        stand_still(self.pid)

    def thaw(self) -> None:
        """Let it go on."""
        self._running.send_signal(signal.SIGCONT)

    def died(self, within: float = 20.0) -> int:
        """Wait until it ends by itself; returns its exit code (-9 for SIGKILL)."""
        return self._gone(within)

    def restart(self, **environment: str) -> Self:
        """Start it again, with these variables added for this once."""
        if self.alive:
            self.kill()
        self._running = self._start(environment)
        return self

    def text(self) -> str:
        """Return what it has written so far."""
        return self._log.read_text(encoding="utf-8") if self._log.exists() else ""

    def _start(self, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        reading, self._parent = self._pipe()
        variables = {**os.environ, **self._environment, **environment}
        variables["PARENT_PIPE_FD"] = str(reading)
        command = [sys.executable, *self._arguments]
        with self._log.open("ab") as log:
            started = subprocess.Popen(
                command, env=variables, stdout=log, stderr=log, pass_fds=(reading,)
            )
        os.close(reading)
        return started

    def _pipe(self) -> tuple[int, int]:
        if self._parent is not None:
            os.close(self._parent)
        return os.pipe()

    def _gone(self, within: float = 20.0) -> int:
        try:
            return self._running.wait(within)
        except subprocess.TimeoutExpired:
            self._running.kill()
            raise AssertionError(f"the process did not end: {self.text()[-2000:]}") from None


class Processes:
    """Several of them, all ended at the end of the test."""

    def __init__(self, folder: Path) -> None:
        """Keep their logs and crash markers in a folder."""
        self._folder = folder
        self._all: list[Process] = []
        self.crashes = folder / "crashes"
        self.crashes.mkdir(parents=True, exist_ok=True)

    def start(self, name: str, arguments: Sequence[str], **environment: str) -> Process:
        """Start one; a CRASH_AT in its environment leaves a marker that `crashed` finds."""
        variables = {"CRASH_DIR": str(self.crashes)} | environment
        process = Process(arguments, variables, self._folder / f"{name}.log")
        self._all.append(process)
        return process

    def crashed(self, point: str) -> bool:
        """Tell whether a crash point was reached."""
        return (self.crashes / point).exists()

    def await_crash(self, process: Process, point: str, within: float = 20.0) -> None:
        """Wait until a process has killed itself at a point; anything else fails the test."""
        name = point.partition(":")[0]
        eventually(lambda: not process.alive, within=within, what=f"dying at {point}")
        code = process.died()
        if code != -signal.SIGKILL or not self.crashed(name):
            raise AssertionError(
                f"{point} was not reached (exit code {code}): {process.text()[-2000:]}"
            )

    def end(self) -> None:
        """Kill whatever still runs."""
        for process in self._all:
            with contextlib.suppress(ProcessLookupError):
                process.kill()


@contextlib.contextmanager
def processes(folder: Path) -> Iterator[Processes]:
    """Give a set of processes that is killed at the end of the block."""
    started = Processes(folder)
    try:
        yield started
    finally:
        started.end()
