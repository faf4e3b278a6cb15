"""How old each answer is: an answer that a contact does not ask for again keeps its date."""

import datetime as dt
from collections.abc import Iterable, Mapping


def ages(answered: Iterable[str], earlier: Mapping[str, str], on: dt.date) -> dict[str, int]:
    """Say for each answer how many days ago it was given.

    Args:
        answered: Names of the facts, or lists, that have an answer.
        earlier: The ISO dates of those that were answered before `on`.
        on: The day from which days are counted back; the date of all others.
    """
    return {name: _days(earlier.get(name), on) for name in answered}


def _days(answered_on: str | None, on: dt.date) -> int:
    if answered_on is None:
        return 0
    return max(0, (on - dt.date.fromisoformat(answered_on)).days)
