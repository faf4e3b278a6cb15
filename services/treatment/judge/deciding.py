"""Which rules were decisive: had one come out otherwise, the plan would have been another.

A rule is *decisive* in a plan if replacing its verdict by one of the two others (of true, false and
unknown), while every finding and the assessment stay as they are and everything that uses the
verdict is judged again, changes the step (its code or its title), or the
status of at least one treatment.
"""

import functools
from collections.abc import Iterator
from typing import Final, NamedTuple

from rules import Knowledge
from rules.catalogue.tally import letters
from rules.engine.kleene import Verdict
from rules.what_if.counterfactual import Counterfactuals
from treatment.judge.guidance import HOLD, Guidance, Modality
from treatment.judge.judging import Judgement

VERDICTS: Final[tuple[Verdict, ...]] = (True, False, None)


def tallied(knowledge: Knowledge) -> tuple[str, ...]:
    """Names what `verdict_letters` writes a letter for, in this order."""
    return tuple(knowledge.rules)


def verdict_letters(judgement: Judgement) -> str:
    """Writes how each rule of the guidance came out, and whether it was decisive; see `tally`."""
    verdicts = judgement.evaluation.verdicts
    return letters(tallied(judgement.guidance.knowledge), verdicts, decisive_rules(judgement))


def can_decide(guidance: Guidance) -> frozenset[str]:
    """Names the rules that can be decisive at all; the plan is the same without the others."""
    return frozenset(_deciding(guidance).reach)


def decisive_rules(judgement: Judgement) -> frozenset[str]:
    """Names the rules that were decisive in a plan."""
    return frozenset(_decisive(judgement, _deciding(judgement.guidance)))


class _Reach(NamedTuple):
    """What a rule leads to.

    Attributes:
        modalities: The treatments whose status reads it.
        steps: Whether the order of steps reads it.
        stops: Whether it can lock or hold.
    """

    modalities: tuple[Modality, ...]
    steps: bool
    stops: bool


class _Deciding:
    """What can be looked up before any case is there."""

    def __init__(self, guidance: Guidance) -> None:
        read = {one.code: _read(guidance, one) for one in guidance.modalities}
        steps = {line.when for line in guidance.lines}
        stops = {guidance.roles.lock, HOLD}
        names = steps.union(stops, *read.values())
        self.counterfactuals = Counterfactuals(guidance.compiled, names)
        self.reach: dict[str, _Reach] = {}
        for name in guidance.rules:
            reached = self.counterfactuals.dependents(name)
            modalities = tuple(one for one in guidance.modalities if reached & read[one.code])
            if modalities or reached & steps:
                lock_or_hold = bool(reached & stops)
                self.reach[name] = _Reach(modalities, bool(reached & steps), lock_or_hold)


def _read(guidance: Guidance, modality: Modality) -> set[str]:
    effects = [guidance.effects.get((rule, modality.code)) for rule in modality.contraindications]
    conditions = {effect.condition for effect in effects if effect and effect.condition}
    return {*modality.gates, *modality.contraindications} | conditions


@functools.lru_cache(maxsize=8)
def _deciding(guidance: Guidance) -> _Deciding:
    return _Deciding(guidance)


def _decisive(judgement: Judgement, known: _Deciding) -> Iterator[str]:
    """Tries every rule; while a red flag stops everything, only what could release it matters."""
    stopped = judgement.locked or judgement.held
    for name, reach in known.reach.items():
        others = [] if stopped and not reach.stops else _others(judgement.verdict(name))
        if any(_changes(judgement, known, name, other) for other in others):
            yield name


def _others(verdict: Verdict) -> list[Verdict]:
    return [other for other in VERDICTS if other is not verdict]


def _changes(judgement: Judgement, known: _Deciding, name: str, verdict: Verdict) -> bool:
    """Whether a status, or else the step, would be another."""
    evaluation = known.counterfactuals.with_verdict(judgement.evaluation, name, verdict)
    other = Judgement(judgement.guidance, evaluation, proposed=judgement.proposed)
    reach = known.reach[name]
    if reach.stops:
        return other.statuses != judgement.statuses or _step(other) != _step(judgement)
    if any(other.status(one) != judgement.statuses[one.code] for one in reach.modalities):
        return True
    other.statuses = judgement.statuses
    return reach.steps and _step(other) != _step(judgement)


def _step(judgement: Judgement) -> tuple[str, str]:
    try:
        return judgement.step_code, judgement.step[0].title
    except StopIteration:  # what cannot be, such as neither locked nor unlocked, has no step
        return "", ""
