"""The missing findings of a case, each supposed only when it is needed."""

import functools
from collections.abc import Iterable
from typing import Final

from diagnosis.judge.evaluated import Evaluated
from diagnosis.judge.preparing import Facts
from diagnosis.judge.ranking import LIKELIHOOD, yielded
from diagnosis.judge.ruleset import RulesInForce
from diagnosis.judge.tables import Read
from diagnosis.judge.what_if import (
    IMAGING,
    READ_DIRECTLY,
    Finding,
    WhatIf,
    candidates,
    unimaged,
)
from rules import general

IMAGES: Final = "images"  # of nodules that were not imaged


class Supposed:
    """What missing findings could change: at most, and exactly once they are supposed.

    Attributes:
        names: the unknown facts on which something still depends.
    """

    def __init__(self, rules: RulesInForce, evaluated: Evaluated, recorded: Facts) -> None:
        """Begin with nothing supposed.

        Args:
            rules: the rules in force.
            evaluated: the judged case.
            recorded: the facts before they were prepared.
        """
        self._rules = rules
        self._evaluation = evaluated.evaluation
        self._what_if = WhatIf(rules, self._evaluation, recorded, evaluated.likelihood)
        self._found: dict[str, Finding] = {}
        self.names = candidates(rules, self._evaluation, evaluated.active)

    def yielded_by(self, finds: frozenset[str]) -> list[str]:
        """Name the unknown facts that an examination yields, and images if it makes any."""
        names = [name for name in self.names if yielded(finds, name)]
        return [*names, IMAGES] if IMAGING in finds and self._unimaged else names

    def findings(self, names: Iterable[str]) -> tuple[Finding, ...]:
        """Suppose the facts; what could change most comes first."""
        found: list[Finding] = []
        for name in names:
            found += self._images if name == IMAGES else [self._finding(name)]
        return tuple(sorted(found, key=Finding.importance))

    def at_most(self, names: Iterable[str]) -> set[str]:
        """Name the likelihood, flags and differentials that facts can change, and perhaps more.

        What is decided while facts are missing stays so when one is learnt; so only what is not
        decided, and rests on the fact, can change. An image more, and what is read beside the
        rules, may change anything that rests on it.
        """
        found: set[str] = set()
        for name in names:
            if name == IMAGES:
                found |= _all(self._rules.read_of(IMAGING))
            elif general(name) in READ_DIRECTLY:
                found |= _all(self._rules.everything)
            else:
                found |= self._open(self._rules.read_of(general(name)))
        return found

    def _open(self, read: Read) -> set[str]:
        flags = {
            flag.rule.id for _, _, flag in read.flags if any(map(self._may_change, flag.names))
        }
        differentials = {name for name in _differentials(read) if self._may_change(name)}
        return {*flags, *differentials, *([LIKELIHOOD] if read.likelihood else [])}

    def _may_change(self, name: str) -> bool:
        return self._rules.compiled.may_change(self._evaluation, name)

    def _finding(self, name: str) -> Finding:
        if name not in self._found:
            self._found[name] = self._what_if.of_fact(name)
        return self._found[name]

    @functools.cached_property
    def _unimaged(self) -> list[str]:
        return unimaged(self._rules, self._evaluation)

    @functools.cached_property
    def _images(self) -> list[Finding]:
        return [self._what_if.of_imaging(name) for name in self._unimaged]


def _all(read: Read) -> set[str]:
    return {
        *(flag.rule.id for _, _, flag in read.flags),
        *_differentials(read),
        *([LIKELIHOOD] if read.likelihood else []),
    }


def _differentials(read: Read) -> list[str]:
    return [conclusion.partition(":")[2] for conclusion, _ in read.differentials]
