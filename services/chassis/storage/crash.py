"""Points at which a test may kill the process, to prove that nothing is lost there."""

import os
import signal
from pathlib import Path

_counts: dict[str, int] = {}


def crash_point(name: str) -> None:
    """Kill this process with SIGKILL when CRASH_AT names this point.

    CRASH_AT is `name` or `name:n`; the n-th passage kills. A marker file in CRASH_DIR is written
    first, so that a test can prove that the point was reached. Free of cost when CRASH_AT is unset.
    """
    wanted = os.environ.get("CRASH_AT")
    if not wanted:
        return
    target, _, number = wanted.partition(":")
    if target != name:
        return
    _counts[name] = _counts.get(name, 0) + 1
    if _counts[name] == int(number or 1):
        _mark(name)
        os.kill(os.getpid(), signal.SIGKILL)


def _mark(name: str) -> None:
    folder = os.environ.get("CRASH_DIR")
    if folder:
        Path(folder, name).write_text(str(os.getpid()), encoding="utf-8")
