"""Child processes: started with a lifeline, started again when they die, stopped together."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from backmice.topology import Task

GRACE_S: Final = 2.0
FIRST_PAUSE_S: Final = 0.1
LONGEST_PAUSE_S: Final = 5.0
STEADY_S: Final = 10.0
"""A child that has lived this long starts again without a pause."""
LARGEST_LOG: Final = 20 * 1024 * 1024


class ParentPipe:
    """A pipe whose only writing end is here: when this process dies, every child reads its end."""

    def __init__(self) -> None:
        self.reading, self.writing = os.pipe()  # neither is inherited unless it is passed on

    def cut(self) -> None:
        """Lets go: every child that is still there ends by itself."""
        os.close(self.reading)
        os.close(self.writing)


@dataclass
class Child:
    """One process of the plan, in all its lives.

    Args:
        task: What to run.
        log: Where its output goes.
        inherited: Descriptors it keeps: the reading end of the lifeline first.
    """

    task: Task
    log: Path
    inherited: Sequence[int]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause_s: float = 0.0
    start_after: float = 0.0
    deaths: int = 0

    def start(self) -> None:
        """Starts it; Ctrl-C in the terminal goes to the supervisor alone."""
        environment = dict(self.task.environment) | {"PARENT_PIPE_FD": str(self.inherited[0])}
        with _opened(self.log) as output:
            self.process = subprocess.Popen(
                self.task.command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=self.inherited,
                start_new_session=True,
            )
        self.started_at = time.monotonic()

    def alive(self) -> bool:
        """Whether it runs now."""
        return self.process is not None and self.process.poll() is None

    def tend(self, say: Callable[[str], None]) -> None:
        """Notices a death, and starts the child again after a growing pause."""
        now = time.monotonic()
        if self.alive():
            return
        if self.process is not None:
            self.signal(signal.SIGKILL)  # what it had forked must not serve on beside the next one
            self.deaths += 1
            steady = now - self.started_at > STEADY_S
            longer = min(max(self.pause_s * 2, FIRST_PAUSE_S), LONGEST_PAUSE_S)
            self.pause_s = 0.0 if steady else longer
            self.start_after = now + self.pause_s
            say(f"{self.task.name} ended ({_how(self.process.returncode)}); it is started again.")
            self.process = None
        if now >= self.start_after:
            self.start()

    def signal(self, number: int) -> None:
        """Sends a signal to the child and to whatever it has forked."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                self.process.poll()


@dataclass
class Children:
    """All of them."""

    all: list[Child] = field(default_factory=list)

    def tend(self, say: Callable[[str], None]) -> None:
        """Starts again what has died."""
        for child in self.all:
            child.tend(say)

    def pids(self) -> dict[str, int]:
        """Returns the number of each process that was started and not yet found dead."""
        return {child.task.name: child.process.pid for child in self.all if child.process}

    def stop(self) -> None:
        """Asks all to stop, and kills after a moment what has not."""
        for child in self.all:
            child.signal(signal.SIGTERM)
        deadline = time.monotonic() + GRACE_S
        while time.monotonic() < deadline and any(child.alive() for child in self.all):
            time.sleep(0.01)
        for child in self.all:
            child.signal(signal.SIGKILL)  # forked workers too, even if their master has gone
            if child.process is not None:
                child.process.wait()


def run_all(tasks: Sequence[Task], logs: Path, inherited: Sequence[int]) -> list[Child]:
    """Runs short tasks side by side to their end, and returns those that failed."""
    children = [Child(task, logs / f"{task.name}.log", inherited) for task in tasks]
    for child in children:
        child.start()
    return [child for child in children if child.process is not None and child.process.wait() != 0]


def last_lines(log: Path, count: int = 12) -> str:
    """Returns the end of a log."""
    try:
        text = log.read_bytes()[-16_384:].decode(errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join(text.splitlines()[-count:])


def trim(log: Path) -> None:
    """Moves a log that has grown large out of the way; it is open for appending, so it goes on."""
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.with_suffix(".log.1").write_bytes(log.read_bytes())
        os.truncate(log, 0)


def _opened(log: Path) -> IO[bytes]:
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
    return os.fdopen(os.open(log, flags, 0o600), "ab")


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
