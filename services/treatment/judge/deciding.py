"""Which rules were decisive: had one come out otherwise, the plan would have been another.

A rule is *decisive* in a plan if replacing its verdict by one of the two others (of true, false and
unknown), while every finding and the assessment stay as they are and everything that uses the
verdict is judged again, changes the step (its code or its title), or the
status of at least one treatment.
"""

import functools
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from rules import Evaluation, Knowledge
from rules.catalogue.tally import letters
from rules.engine.kleene import CODE, Verdict
from rules.what_if.counterfactual import Counterfactuals
from treatment.judge.guidance import HOLD, Guidance, Modality
from treatment.judge.judging import Case, Judgement, evaluate

VERDICTS: Final[tuple[Verdict, ...]] = (True, False, None)


def tallied(knowledge: Knowledge) -> tuple[str, ...]:
    """Names what `verdict_letters` writes a letter for, in this order."""
    return tuple(knowledge.rules)


def verdict_letters(judgement: Judgement) -> str:
    """Writes how each rule of the guidance came out; see `tally`."""
    return letters(tallied(judgement.guidance.knowledge), judgement.evaluation.verdicts)


def can_decide(guidance: Guidance) -> frozenset[str]:
    """Names the rules that can be decisive at all; the plan is the same without the others."""
    return frozenset(_deciding(guidance).reach)


def decisive_rules(judgement: Judgement) -> frozenset[str]:
    """Names the rules that were decisive in a plan."""
    known = _deciding(judgement.guidance)
    return frozenset(name for name in known.reach if _decides(judgement, known, name))


def decisive_verdict(case: Case, guidance: Guidance, name: str) -> tuple[Verdict, ...]:
    """Gives the verdict by which a rule was decisive in the plan of a case; nothing if it was not.

    Args:
        case: What was judged.
        guidance: The guidance in force.
        name: Id of the rule.
    """
    known = _deciding(guidance)
    if name not in known.reach:
        return ()
    judgement = evaluate(case, guidance)
    return (judgement.verdict(name),) if _decides(judgement, known, name) else ()


class _Reach(NamedTuple):
    """What a rule leads to.

    Attributes:
        modalities: The treatments whose status reads it.
        first_line: The first line of the order of steps that reads it; above all if none does.
        stops: Whether it can lock or hold.
        alone: Where its verdict stands, if no other verdict rests on it; None otherwise.
    """

    modalities: tuple[Modality, ...]
    first_line: int
    stops: bool
    alone: int | None


class _Deciding:
    """What can be looked up before any case is there."""

    def __init__(self, guidance: Guidance) -> None:
        read = {one.code: guidance.read(one) for one in guidance.modalities}
        lines = [line.when for line, _, _ in guidance.line_places]
        steps = {line.when for line in guidance.lines}
        stops = {guidance.roles.lock, HOLD}
        names = steps.union(stops, *read.values())
        self.counterfactuals = Counterfactuals(guidance.compiled, names)
        self.reach: dict[str, _Reach] = {}
        for name in guidance.rules:
            reached = self.counterfactuals.dependents(name)
            modalities = tuple(one for one in guidance.modalities if reached & read[one.code])
            if modalities or reached & steps:
                first = next((at for at, when in enumerate(lines) if when in reached), len(lines))
                alone = _place_alone(guidance, name) if reached == {name} else None
                self.reach[name] = _Reach(modalities, first, bool(reached & stops), alone)


def _place_alone(guidance: Guidance, name: str) -> int | None:
    """Finds the one place where a verdict stands; None for a rule over a list."""
    return None if guidance.rules[name].over else guidance.places[name]


@functools.lru_cache(maxsize=8)
def _deciding(guidance: Guidance) -> _Deciding:
    return _Deciding(guidance)


def _decides(judgement: Judgement, known: _Deciding, name: str) -> bool:
    """Tries a rule; while a red flag stops everything, only what could release it matters."""
    if (judgement.locked or judgement.held) and not known.reach[name].stops:
        return False
    others = _others(judgement.verdict(name))
    return any(_changes(judgement, known, name, other) for other in others)


def _others(verdict: Verdict) -> list[Verdict]:
    return [other for other in VERDICTS if other is not verdict]


def _changes(judgement: Judgement, known: _Deciding, name: str, verdict: Verdict) -> bool:
    """Whether a status, or else the step, would be another."""
    reach = known.reach[name]
    if reach.stops:
        other = _otherwise(judgement, known, name, verdict)
        return other.statuses != judgement.statuses or _step(other) != _step(judgement)
    later = reach.first_line > judgement.step_place  # lines behind the one that stands do not count
    if later and not reach.modalities:
        return False
    state = _state(judgement, known, name, verdict)
    statuses = judgement.statuses
    for one in reach.modalities:
        if judgement.status_by(one, state) != statuses[one.code]:
            return True
    if later:
        return False
    evaluation = judgement.evaluation
    facts, external = evaluation.facts, evaluation.external
    supposed = Evaluation(evaluation.compiled, facts, external, list(state))
    other = Judgement(judgement.guidance, supposed, proposed=judgement.proposed)
    other.statuses = statuses
    return _step(other) != _step(judgement)


def _state(judgement: Judgement, known: _Deciding, name: str, verdict: Verdict) -> Sequence[Any]:
    """Gives all verdicts as they would be; where nothing rests on the rule, only its own moves."""
    place = known.reach[name].alone
    if place is None:
        return known.counterfactuals.with_verdict(judgement.evaluation, name, verdict).state
    state = list(judgement.evaluation.state)
    state[place] = CODE[verdict]
    return state


def _otherwise(judgement: Judgement, known: _Deciding, name: str, verdict: Verdict) -> Judgement:
    evaluation = known.counterfactuals.with_verdict(judgement.evaluation, name, verdict)
    return Judgement(judgement.guidance, evaluation, proposed=judgement.proposed)


def _step(judgement: Judgement) -> tuple[str, str]:
    try:
        return judgement.step_code, judgement.step[0].title
    except StopIteration:  # what cannot be, such as neither locked nor unlocked, has no step
        return "", ""
