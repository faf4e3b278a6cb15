"""Points at which a test may kill or stop the process, to prove that nothing is lost there."""

import contextlib
import os
import signal
import threading
from pathlib import Path

_counts: dict[str, int] = {}


def crash_point(name: str) -> None:
    """Kill this process with SIGKILL when a test wants it to die at this point.

    Without CRASH_DIR in the environment this does nothing. With it there are three ways to ask:

    * CRASH_AT=`name` or `name:n`: the n-th passage of this process kills it;
    * the file `armed-SERVICE-name` in CRASH_DIR: whoever takes it away dies, so only one process
      does, however often a supervisor starts it again;
    * the file `freeze-SERVICE-name` likewise: whoever takes it away stops where it is (SIGSTOP).

    A marker file with the process id is written first, so that a test can prove that the point
    was reached.
    """
    folder = os.environ.get("CRASH_DIR")
    if not folder:
        return
    if _counted(name) or _taken(Path(folder), "armed", name):
        _end(Path(folder, name), signal.SIGKILL)
    elif _taken(Path(folder), "freeze", name):
        _end(Path(folder, name), signal.SIGSTOP)


def _end(marker: Path, number: int) -> None:
    marker.write_text(str(os.getpid()), encoding="utf-8")
    # to this very thread: one sent to the process may let us run on for a moment
    signal.pthread_kill(threading.get_ident(), number)


def _counted(name: str) -> bool:
    target, _, number = os.environ.get("CRASH_AT", "").partition(":")
    if target != name:
        return False
    _counts[name] = _counts.get(name, 0) + 1
    return _counts[name] == int(number or 1)


def _taken(folder: Path, weapon: str, name: str) -> bool:
    with contextlib.suppress(FileNotFoundError):
        (folder / f"{weapon}-{os.environ.get('SERVICE', '')}-{name}").unlink()
        return True
    return False
