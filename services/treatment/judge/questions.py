"""Which few questions could change most of a plan."""

import functools
from collections.abc import Mapping, Sequence
from typing import Final

from treatment.judge.asking import to_ask
from treatment.judge.changes import could_change, open_facts
from treatment.judge.decision import Question
from treatment.judge.guidance import Guidance, Modality
from treatment.judge.judging import OFFERED, Case, Judgement
from treatment.judge.reasons import SCREEN

MOST: Final = 3
MOST_TRIED: Final = 8  # facts whose values are tried; the others rank by what reads them
STEP: Final = "step"
BLOCK: Final = "diagnostic_block"
MODALITY: Final = "modality:"


def ranked_questions(judgement: Judgement, case: Case) -> tuple[Question, ...]:
    """Lists at most three questions, the one that could change most first.

    None are asked while a red flag or the red-flag screen comes first: that one is diagnosis' to
    ask, and no answer to another question would release anything.
    """
    if judgement.locked or judgement.held or judgement.verdict(SCREEN) is not True:
        return ()
    readers = _readers(judgement.guidance)
    open_ = {name: _undecided(judgement, readers, name) for name in open_facts(judgement, case.facts)}
    topics = _by_topic(judgement.guidance, [name for name, reached in open_.items() if reached])
    ordered = sorted(topics.items(), key=lambda one: -_weight(open_, one[1]))
    left = MOST_TRIED
    found = []
    for topic, names in ordered:
        tried = names[: max(left, 0)]
        left -= len(tried)
        found.append(_question(judgement, case, topic, names, tried, open_))
    found.sort(key=lambda one: (not one.alone, STEP not in one.could_change, -len(one.could_change)))
    return tuple(found[:MOST])


def _weight(reached: Mapping[str, frozenset[str]], names: Sequence[str]) -> int:
    return len(frozenset().union(*(reached[name] for name in names)))


def _question(
    judgement: Judgement,
    case: Case,
    topic: str,
    names: Sequence[str],
    tried: Sequence[str],
    reached: Mapping[str, frozenset[str]],
) -> Question:
    changes = {one.conclusion for name in tried for one in could_change(judgement, case, name)}
    together = frozenset().union(*(reached[name] for name in names))
    order = [name for name in judgement.conclusions if name in (changes or together)]
    return Question(
        topic=topic, facts=tuple(names), could_change=tuple(order), alone=bool(changes)
    )


def _undecided(
    judgement: Judgement, readers: Mapping[str, frozenset[str]], name: str
) -> frozenset[str]:
    """Names the conclusions that read a fact and that answers could still change."""
    settled = {f"{MODALITY}{code}" for code, status in judgement.statuses.items() if status in OFFERED}
    settled |= {BLOCK} if judgement.proposed is False else set()
    return readers.get(_owner(name), frozenset()) - settled


def _owner(name: str) -> str:
    return name.partition("[")[0]


@functools.lru_cache(maxsize=8)
def _readers(guidance: Guidance) -> Mapping[str, frozenset[str]]:
    """Says for each recorded fact which conclusions read it."""
    readers: dict[str, set[str]] = {}
    for conclusion, names in _units(guidance).items():
        for name in names:
            for fact in _facts(guidance, name):
                for asked in to_ask(fact):
                    readers.setdefault(_owner(asked), set()).add(conclusion)
    for modality in guidance.modalities:
        readers.setdefault(f"consent.{modality.code}", set()).add(f"{MODALITY}{modality.code}")
    return {name: frozenset(found) for name, found in readers.items()}


def _units(guidance: Guidance) -> Mapping[str, set[str]]:
    units = {f"{MODALITY}{one.code}": _names(guidance, one) for one in guidance.modalities}
    return units | {STEP: {line.when for line in guidance.lines}, BLOCK: {guidance.roles.block}}


def _names(guidance: Guidance, modality: Modality) -> set[str]:
    return {*modality.gates, *modality.contraindications}


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
        if any(name == fact or (fact.endswith(".") and name.startswith(fact)) for fact in topic.facts):
            return topic.name
    return name
