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


def mostly(trial: Callable[[], float], within: float, trials: int = 5) -> float:
    """Return the time that most of some trials took at most.

    Others may need the machine for a moment, but not mostly.

    Args:
        trial: takes its time, and returns how much.
        within: seconds; the trials end as soon as most of them were shorter, or were not.
        trials: at most; an odd number.
    """
    times: list[float] = []
    most = trials // 2 + 1
    while max(sum(time < within for time in times), sum(time >= within for time in times)) < most:
        times.append(trial())
    return sorted(times)[most - 1]
