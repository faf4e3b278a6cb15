"""Waiting in tests: for a condition, with a deadline, never for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_PAUSE_SECONDS = 0.005


def eventually(
    condition: Callable[[], T], *, within: float = 30.0, what: str = "the condition"
) -> T:
    """Return the first true value of a condition.

    Args:
        condition: asked again and again.
        within: seconds.
        what: named in the error.

    Raises:
        AssertionError: it did not become true in time.
    """
    deadline = time.monotonic() + within
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not become true within {within} s")
        time.sleep(_PAUSE_SECONDS)
    return value


def at_best(trial: Callable[[], float], within: float, trials: int = 10) -> float:
    """Return the first time that is short enough, or the shortest of all.

    Others may need the machine for a moment, but not each time.

    Args:
        trial: takes its time, and returns how much.
        within: seconds; shorter times are short enough.
        trials: at most.
    """
    times = [trial()]
    while times[-1] >= within and len(times) < trials:
        times.append(trial())
    return min(times)
