"""Which few questions could change most of a plan."""

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from treatment.judge.asking import to_ask
from treatment.judge.changes import could_change, open_facts
from treatment.judge.decision import RankedQuestion
from treatment.judge.guidance import Guidance, Modality
from treatment.judge.judging import ABSENT, FOUND, OFFERED, Case, Judgement
from treatment.judge.reasons import SCREEN

MOST: Final = 3
MOST_TRIED: Final = 8  # facts whose values are tried; the others rank by what reads them
STEP: Final = "step"
BLOCK: Final = "diagnostic_block"
MODALITY: Final = "modality:"

_NOTHING: Final[frozenset[str]] = frozenset()


def ranked_questions(judgement: Judgement, case: Case) -> tuple[RankedQuestion, ...]:
    """Lists at most three questions, the one that could change most first.

    None are asked while a red flag or the red-flag screen comes first: that one is diagnosis' to
    ask, and no answer to another question would release anything.
    """
    if judgement.locked or judgement.held or judgement.verdict(SCREEN) is not True:
        return ()
    unknown = open_facts(judgement, case.facts)
    settled = _settled(judgement, unknown)
    readers = _readers(judgement.guidance)
    reached = {name: readers.get(_owner(name), frozenset()) - settled for name in unknown}
    topics = _by_topic(judgement.guidance, [name for name in unknown if reached[name]])
    left = MOST_TRIED
    found = []
    for topic, names in sorted(topics.items(), key=lambda one: -len(_union(reached, one[1]))):
        tried = names[: max(left, 0)]
        left -= len(tried)
        changes = {one.conclusion for name in tried for one in could_change(judgement, case, name)}
        could = changes or _union(reached, names)
        order = tuple(name for name in judgement.conclusions if name in could)
        found.append(
            RankedQuestion(topic=topic, facts=tuple(names), could_change=order, alone=bool(changes))
        )
    return tuple(sorted(found, key=_rank)[:MOST])


def _rank(one: RankedQuestion) -> tuple[bool, bool, int]:
    return not one.alone, STEP not in one.could_change, -len(one.could_change)


def _union(reached: Mapping[str, frozenset[str]], names: Sequence[str]) -> frozenset[str]:
    return frozenset().union(*(reached[name] for name in names))


def _settled(judgement: Judgement, unknown: Sequence[str]) -> frozenset[str]:
    """Names the conclusions that no open answer can change, because others settled them."""
    facts = {_owner(name) for name in unknown}
    settled = {BLOCK} if judgement.proposed is False else set()
    for modality in judgement.guidance.modalities:
        status = judgement.statuses[modality.code]
        if status in OFFERED or _refused(judgement, modality, facts):
            settled.add(f"{MODALITY}{modality.code}")
    return frozenset(settled)


def _refused(judgement: Judgement, modality: Modality, unknown: set[str]) -> bool:
    """Whether something stands against a treatment on which no open answer has a bearing."""
    if judgement.consent(modality.code) is False:
        return True
    reads = _recorded(judgement.guidance)
    return any(reads.get(name, _NOTHING).isdisjoint(unknown) for name in _shut(judgement, modality))


def _shut(judgement: Judgement, modality: Modality) -> Iterator[str]:
    """Names what certainly stands against a treatment."""
    for rule, state in judgement.standings(modality.code).items():
        if state in {FOUND, ABSENT}:
            yield rule
    for gate in modality.gates:
        if judgement.verdict(gate) is False:
            yield gate


def _owner(name: str) -> str:
    return name.partition("[")[0]


@functools.lru_cache(maxsize=8)
def _readers(guidance: Guidance) -> Mapping[str, frozenset[str]]:
    """Says for each recorded fact which conclusions read it."""
    readers: dict[str, set[str]] = {}
    recorded = _recorded(guidance)
    for conclusion, names in _units(guidance).items():
        for fact in frozenset().union(*(recorded[name] for name in names if name in recorded)):
            readers.setdefault(fact, set()).add(conclusion)
    for modality in guidance.modalities:
        readers.setdefault(f"consent.{modality.code}", set()).add(f"{MODALITY}{modality.code}")
    return {name: frozenset(found) for name, found in readers.items()}


def _units(guidance: Guidance) -> Mapping[str, set[str]]:
    units = {
        f"{MODALITY}{one.code}": {*one.gates, *one.contraindications} for one in guidance.modalities
    }
    return units | {STEP: {line.when for line in guidance.lines}, BLOCK: {guidance.roles.block}}


@functools.lru_cache(maxsize=8)
def _recorded(guidance: Guidance) -> Mapping[str, frozenset[str]]:
    """Says for each rule and definition in force on which recorded facts it rests."""
    return {
        name: frozenset(_owner(asked) for fact in _facts(guidance, name) for asked in to_ask(fact))
        for name in guidance.places
    }


def _facts(guidance: Guidance, name: str) -> frozenset[str]:
    compiled = guidance.compiled
    rule = name in guidance.rules
    return compiled.facts_of(name) if rule else compiled.facts_of_definition(name)


def _by_topic(guidance: Guidance, names: Sequence[str]) -> dict[str, list[str]]:
    """Groups facts by their topic; a fact without one is a topic of its own."""
    grouped: dict[str, list[str]] = {}
    for name in names:
        grouped.setdefault(_topic(guidance, _owner(name)), []).append(name)
    return grouped


@functools.lru_cache(maxsize=1024)
def _topic(guidance: Guidance, name: str) -> str:
    for topic in guidance.topics:
        if any(
            name == fact or (fact.endswith((".", "_")) and name.startswith(fact))
            for fact in topic.facts
        ):
            return topic.name
    return name
