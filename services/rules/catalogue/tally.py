"""How each rule came out, in one letter: short enough to be kept for every subject, and counted.

`t`, `f` and `u` stand for true, false and unknown; `-` stands for a rule that was not in force.
"""

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
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
    """

    judged: int
    fired: int
    unknown: int


@dataclasses.dataclass(frozen=True)
class DecisiveCount:
    """How often a rule was decisive, which the service defines.

    Attributes:
        over: how many judgements were judged again to find out.
        at_most: how many would have been, at most.
        by_verdict: how often it was decisive, by its verdict.
    """

    over: int
    at_most: int
    by_verdict: Mapping[Verdict, int]


def letters(names: Sequence[str], verdicts: Mapping[str, Verdict]) -> str:
    """Write one letter for each name.

    Args:
        names: ids of rules, in the order in which they are written and read.
        verdicts: by id; what is not there was not in force.
    """
    return "".join(
        [_LETTER[verdicts[name]] if name in verdicts else NOT_IN_FORCE for name in names]
    )


def tally(counts: Iterable[tuple[str, int]]) -> Tally:
    """Add up how often each letter was counted."""
    total: Counter[str] = Counter()
    for letter, number in counts:
        total[letter] += number
    by_verdict = {verdict: total[letter] for verdict, letter in _LETTER.items()}
    return Tally(sum(by_verdict.values()), by_verdict[True], by_verdict[None])
