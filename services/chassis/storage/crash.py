"""Points at which a test may kill the process, to prove that nothing is lost there."""

import contextlib
import os
import signal
from pathlib import Path

_counts: dict[str, int] = {}


def crash_point(name: str) -> None:
    """Kill this process with SIGKILL when a test wants it to die at this point.

    Without CRASH_DIR in the environment this does nothing. With it there are two ways to ask:

    * CRASH_AT=`name` or `name:n`: the n-th passage of this process kills it;
    * the file `armed-SERVICE-name` in CRASH_DIR: whoever takes it away dies, so only one process
      does, however often a supervisor starts it again.

    A marker file with the process id is written first, so that a test can prove that the point
    was reached.
    """
    folder = os.environ.get("CRASH_DIR")
    if folder and (_counted(name) or _armed(Path(folder), name)):
        Path(folder, name).write_text(str(os.getpid()), encoding="utf-8")
        os.kill(os.getpid(), signal.SIGKILL)


def _counted(name: str) -> bool:
    target, _, number = os.environ.get("CRASH_AT", "").partition(":")
    if target != name:
        return False
    _counts[name] = _counts.get(name, 0) + 1
    return _counts[name] == int(number or 1)


def _armed(folder: Path, name: str) -> bool:
    with contextlib.suppress(FileNotFoundError):
        (folder / f"armed-{os.environ.get('SERVICE', '')}-{name}").unlink()
        return True
    return False
