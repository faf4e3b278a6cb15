"""Holds every property against many cases, in two processes, and makes what fails small."""

import collections
import copy
import dataclasses
import multiprocessing
import random
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tests.knowledge.properties.generator import case
from tests.knowledge.properties.services import Services
from tests.knowledge.properties.statements import PROPERTIES

Facts = dict[str, Any]

PROCESSES = 2
MOST_FAILURES = 3  # of one property in one process; more of them tell nothing new
BLOCK = 250
EVERY = {
    "another_red_flag_never_shortens_the_warnings": 3,
    "less_information_is_never_more_certain": 3,
    "less_information_never_adds_an_offer": 3,
    "order_changes_nothing": 4,
    "unknown_is_not_false": 4,
    "the_engine_agrees_with_the_interpreter": 20,
    "judging_again_is_judging_afresh": 8,
    "the_same_case_is_judged_the_same": 20,
    "a_block_that_is_not_released_says_why": 5,
}
"""Those that judge a case once more, or oftener, are held against one case in so many."""


@dataclasses.dataclass
class Found:
    """What a sweep came to.

    Attributes:
        cases: how many were judged.
        exercised: how many came under each property.
        failures: property -> numbers of the cases that break it.
    """

    cases: int = 0
    exercised: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    failures: dict[str, list[int]] = dataclasses.field(default_factory=dict)

    def add(self, other: "Found") -> None:
        self.cases += other.cases
        self.exercised += other.exercised
        for name, numbers in other.failures.items():
            self.failures.setdefault(name, []).extend(numbers)


def sweep(seed: int, number: int) -> Found:
    """Judge cases 0 to ``number`` of a seed."""
    blocks = [(seed, range(at, min(at + BLOCK, number))) for at in range(0, number, BLOCK)]
    found = Found()
    with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
        for part in pool.imap_unordered(_block, blocks):
            found.add(part)
    return found


def _block(work: tuple[int, Iterable[int]]) -> Found:
    seed, numbers = work
    found, services = Found(), Services()
    for at in numbers:
        found.cases += 1
        for name, reason in judged(services, seed, at):
            found.exercised[name] += reason is not None
            if reason and len(found.failures.setdefault(name, [])) < MOST_FAILURES:
                found.failures[name].append(at)
    return found


def judged(services: Services, seed: int, at: int) -> list[tuple[str, str | None]]:
    """Hold each property against one case; each takes its own chances."""
    facts = made(seed, at)
    decided = services.decide(facts)
    return [
        (name, check(services, facts, decided, chance_of(seed, at, name)))
        for name, check in PROPERTIES.items()
        if at % EVERY.get(name, 1) == 0
    ]


def made(seed: int, at: int) -> Facts:
    return case(random.Random(f"{seed}-{at}"))


def chance_of(seed: int, at: int, name: str) -> random.Random:
    return random.Random(f"{seed}-{at}-{name}")


def explain(services: Services, seed: int, at: int, name: str) -> str:
    """Tell how a case breaks a property, with as few facts as still do."""

    def breaks(facts: Facts) -> str | None:
        return PROPERTIES[name](services, facts, services.decide(facts), chance_of(seed, at, name))

    facts = shrunk(made(seed, at), breaks)
    return f"{name}: {breaks(facts)}\n  PROPERTY_SEED={seed}, case {at}, shrunk to {facts}"


def shrunk(facts: Facts, breaks: Callable[[Facts], str | None]) -> Facts:
    """Take facts away, one after the other and again, while the case still breaks the property."""
    smaller = True
    while smaller:
        smaller = False
        for path in list(_paths(facts)):
            less = _without(facts, path)
            if less is not None and breaks(less):
                facts, smaller = less, True
    return facts


def _paths(facts: Facts) -> Iterator[tuple[Any, ...]]:
    for name, value in facts.items():
        yield (name,)
        for at, element in enumerate(value if isinstance(value, list) else ()):
            yield name, at
            yield from ((name, at, field) for field in element if field != "id")


def _without(facts: Facts, path: tuple[Any, ...]) -> Facts | None:
    """Take a fact, an element or a field away; None if it is gone already."""
    less = copy.deepcopy(facts)
    owner: Any = less
    try:
        for step in path[:-1]:
            owner = owner[step]
        del owner[path[-1]]
    except (KeyError, IndexError):
        return None
    return less
