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
    found = dict.fromkeys(sorted(answered), 0)
    for name in earlier.keys() & found.keys():
        found[name] = max(0, (on - dt.date.fromisoformat(earlier[name])).days)
    return found
