"""Values of a fact in words, for sentences that begin with "if"."""

from collections.abc import Sequence
from typing import Any

from rules import Fact

SPOKEN = {"degC": "°C", "/min": "per minute"}
UNSPOKEN = ("grade", "points", "as reported", "ratio")


def as_condition(fact: Fact, values: Sequence[Any], chosen: Sequence[int]) -> list[str]:
    """Put the chosen values into words; a number stands for the interval up to the next one.

    Args:
        fact: the fact.
        values: all values that were tried, numbers in ascending order.
        chosen: positions of those that lead to the same result.
    """
    if fact.type == "boolean":
        return ["yes" if values[at] else "no" for at in chosen]
    if fact.numeric:
        return [_interval(fact, values, start, end) for start, end in _runs(chosen)]
    labels = {value.code: value.label for value in fact.values}
    return [labels.get(values[at], str(values[at])) for at in chosen]


def _runs(chosen: Sequence[int]) -> list[tuple[int, int]]:
    """Join neighbouring positions into runs."""
    runs: list[tuple[int, int]] = []
    for at in chosen:
        if runs and runs[-1][1] == at - 1:
            runs[-1] = (runs[-1][0], at)
        else:
            runs.append((at, at))
    return runs


def _interval(fact: Fact, values: Sequence[float], start: int, end: int) -> str:
    spoken = "" if fact.unit is None or fact.unit in UNSPOKEN else fact.unit
    unit = f" {SPOKEN.get(spoken, spoken)}" if spoken else ""
    first = values[start]
    if end == len(values) - 1:
        return f"{first:g}{unit} or more" if start else "any value"
    below = values[end + 1]
    if start == 0:
        return f"under {below:g}{unit}"
    return f"{first:g} to under {below:g}{unit}"
