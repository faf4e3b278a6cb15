"""How each rule came out, in one letter: short enough to be kept for every subject, and counted.

`t`, `f` and `u` stand for true, false and unknown; a capital says that the rule was decisive, which
the service defines; `-` stands for a rule that was not in force.
"""

import dataclasses
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from rules.engine.kleene import Verdict

NOT_IN_FORCE: Final = "-"
_LETTER: Final[Mapping[Verdict, str]] = {True: "t", False: "f", None: "u"}


@dataclasses.dataclass(frozen=True)
class Tally:
    """How often a rule came out how.

    Attributes:
        judged: how often it was in force.
        fired: how often it was true.
        unknown: how often it was unknown.
        decisive: how often it was decisive, by its verdict.
    """

    judged: int
    fired: int
    unknown: int
    decisive: Mapping[Verdict, int]


def letters(
    names: Sequence[str], verdicts: Mapping[str, Verdict], decisive: Collection[str]
) -> str:
    """Write one letter for each name.

    Args:
        names: ids of rules, in the order in which they are written and read.
        verdicts: by id; what is not there was not in force.
        decisive: ids of those that were decisive.
    """
    return "".join(
        NOT_IN_FORCE
        if name not in verdicts
        else _LETTER[verdicts[name]].upper()
        if name in decisive
        else _LETTER[verdicts[name]]
        for name in names
    )


def tally(counts: Iterable[tuple[str, int]]) -> Tally:
    """Add up how often each letter was counted."""
    total: dict[str, int] = {}
    for letter, number in counts:
        total[letter] = total.get(letter, 0) + number
    known = {verdict: total.get(letter, 0) for verdict, letter in _LETTER.items()}
    decisive = {verdict: total.get(letter.upper(), 0) for verdict, letter in _LETTER.items()}
    return Tally(
        judged=sum(known.values()) + sum(decisive.values()),
        fired=known[True] + decisive[True],
        unknown=known[None] + decisive[None],
        decisive=decisive,
    )
