"""Runs a relay and a worker in one process, until it is told to stop or one of them fails."""

import contextlib
import logging
import signal
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from chassis.messaging.operating import role_state
from chassis.messaging.port import LogDamaged, OffsetOutOfRange
from chassis.messaging.receiving.offsets import LogReplaced
from chassis.messaging.receiving.worker import Stalled
from chassis.settings import die_with_parent, env_int

log = logging.getLogger(__name__)

FAILED = 1
STALLED = 75
"""The broker's client does not deliver what is there; a new process heals it (EX_TEMPFAIL)."""
UNFIT_LOG = 65
"""The log is another one, lacks what we need, or is damaged; only a person helps (EX_DATAERR)."""

_HEARTBEAT_SECONDS = 1.0
_STUCK_SECONDS = 30.0
_STOP_SECONDS = 10.0


class Runner(Protocol):
    """A relay or a worker."""

    ticked_at: float

    def note(self) -> Mapping[str, bool]:
        """Return what an operator wants to know of it."""

    def run(self, stop: threading.Event) -> None:
        """Work until the event is set."""


def run_until_stopped(runners: Sequence[Runner], run_dir: Path) -> int:
    """Run each in a thread of its own; returns the exit code of the process.

    SIGTERM and SIGINT end it in good order (0). If one of the runners raises, the others are
    stopped and the code is 1, or 75 if the worker found itself stalled, or 65 if it cannot go on
    in the log, so that the reason can be told from outside. While all loops tick, the file
    `worker.alive` in the run folder is touched every second; beside it each notes how it is, for
    operators.
    """
    die_with_parent()
    stop, codes = threading.Event(), list[int]()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    threads = [
        threading.Thread(
            target=_guard, args=(runner, stop, codes), name=type(runner).__name__, daemon=True
        )
        for runner in runners
    ]
    for thread in threads:
        thread.start()
    while not stop.wait(_HEARTBEAT_SECONDS):
        _beat(runners, run_dir)
    deadline = time.monotonic() + _STOP_SECONDS
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return codes[0] if codes else 0


def watched() -> bool:
    """Tell whether METRICS_PORT is set, so that figures are counted and served."""
    return env_int("METRICS_PORT", 0) > 0


def _guard(runner: Runner, stop: threading.Event, codes: list[int]) -> None:
    try:
        runner.run(stop)
    except Exception as error:
        log.exception("%s failed; the process ends", type(runner).__name__)
        codes.append(_code(error))
        stop.set()


def _code(error: Exception) -> int:
    if isinstance(error, LogReplaced | OffsetOutOfRange | LogDamaged):
        return UNFIT_LOG
    return STALLED if isinstance(error, Stalled) else FAILED


def _beat(runners: Sequence[Runner], run_dir: Path) -> None:
    with contextlib.suppress(OSError):  # a disk that is full is no reason to end
        _leave_traces(runners, run_dir)


def _leave_traces(runners: Sequence[Runner], run_dir: Path) -> None:
    if all(time.monotonic() - runner.ticked_at < _STUCK_SECONDS for runner in runners):
        (run_dir / "worker.alive").touch()
    for runner in runners:
        role_state.write(run_dir, type(runner).__name__.lower(), runner.note())
