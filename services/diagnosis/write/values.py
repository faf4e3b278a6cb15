"""Values of a fact in words, for sentences that begin with "if"."""

from collections.abc import Sequence
from typing import Any

from rules import Fact
from rules.language.sentences import Sentences

WITHOUT_UNIT = ("grade", "points", "as reported", "ratio")


def unit_in_words(sentences: Sentences, unit: str | None) -> str:
    """Return a unit as people read it; empty where the number stands alone."""
    if unit is None or unit in WITHOUT_UNIT:
        return ""
    key = f"units.{unit}"
    return sentences.text(key) if key in sentences else unit


def as_condition(
    sentences: Sentences, fact: Fact, values: Sequence[Any], chosen: Sequence[int]
) -> list[str]:
    """Put the chosen values into words; a number stands for the interval up to the next one.

    Args:
        sentences: the fixed wording.
        fact: the fact.
        values: all values that were tried, numbers in ascending order.
        chosen: positions of those that lead to the same result.
    """
    if fact.type == "boolean":
        return [sentences.text("values.yes" if values[at] else "values.no") for at in chosen]
    if fact.numeric:
        return [_interval(sentences, fact, values, start, end) for start, end in _runs(chosen)]
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


def _interval(
    sentences: Sentences, fact: Fact, values: Sequence[float], start: int, end: int
) -> str:
    words = unit_in_words(sentences, fact.unit)
    unit = f" {words}" if words else ""
    first = f"{values[start]:g}"
    if end == len(values) - 1:
        if start == 0:
            return sentences.text("values.any")
        return sentences.text("values.at_least", value=first, unit=unit)
    below = f"{values[end + 1]:g}"
    if start == 0:
        return sentences.text("values.under", value=below, unit=unit)
    return sentences.text("values.between", low=first, high=below, unit=unit)
