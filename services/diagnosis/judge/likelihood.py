"""The likelihood: a decision list for each nodule, and what is still possible."""

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from diagnosis.judge.ruleset import FALSE, NOT_ASSESSABLE, TRUE, UNKNOWN, RulesInForce
from diagnosis.judge.tables import Line
from rules import Evaluation

T = TypeVar("T")
JudgeLine = Callable[[RulesInForce, Evaluation, Line, int | None], int]
MOST_REMEMBERED = 8192  # likelihoods, some hundred bytes each


@dataclasses.dataclass(frozen=True)
class Reached:
    """What the decision list says of one nodule, or of a case without one.

    ``possible`` holds the likelihoods that are still possible, ``line`` the line that ended the
    list, ``open_lines`` the lines that could not be decided.
    """

    possible: frozenset[str]
    line: str
    open_lines: tuple[Line, ...]
    lowered_by: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Likelihood:
    """The case's answer: ``possible`` in order, highest first, and what each nodule has."""

    answer: str
    possible: tuple[str, ...]
    nodules: tuple[Reached, ...]
    open_lines: tuple[Line, ...]
    lowered_by: tuple[str, ...]


def judge_likelihood(rules: RulesInForce, evaluation: Evaluation) -> Likelihood:
    """Run the decision list for each nodule and give the case its highest.

    It rests on the verdicts that the list asks, on how certain each nodule is, and on their number;
    so it is judged once for all cases that are alike in these.

    Args:
        rules: the rules in force.
        evaluation: their verdicts on prepared facts.

    Returns:
        The answer: the only possible likelihood, or the lowest one marked provisional by more than
        one in ``possible``, or NOT-ASSESSABLE.
    """
    key = (rules.likelihood_view(evaluation), _shape(evaluation.facts))
    known: Likelihood | None = rules.likelihoods.get(key)
    if known is None:
        known = _judged(rules, evaluation, _verdict)
        _remember(rules.likelihoods, key, known)
    return known


def likelihood_is_settled(rules: RulesInForce, evaluation: Evaluation) -> bool:
    """Tell whether no unknown fact can change the likelihood, whichever it is and whatever it says.

    Args:
        rules: the rules in force.
        evaluation: their verdicts in an open world.
    """
    key = (rules.likelihood_view(evaluation), _shape(evaluation.facts))
    known: bool | None = rules.settled.get(key)
    if known is None:
        known = len(_judged(rules, evaluation, _open_verdict).possible) == 1
        _remember(rules.settled, key, known)
    return known


def _remember(memo: dict[Any, Any], key: Any, value: Any) -> None:
    if len(memo) >= MOST_REMEMBERED:
        memo.clear()
    memo[key] = value


def _shape(facts: Mapping[str, Any]) -> tuple[Any, ...]:
    """Reduce the list of nodules to what the likelihood reads of it beside the verdicts."""
    nodules = facts.get("nodules")
    certainties = None if nodules is None else tuple(e.get("certainty") for e in nodules)
    return certainties, facts.get("nodule_count")


def _judged(rules: RulesInForce, evaluation: Evaluation, judge: JudgeLine) -> Likelihood:
    nodules = evaluation.facts.get("nodules")
    listed = [_of_nodule(rules, evaluation, index, judge) for index in range(len(nodules or ()))]
    reached = [*listed, *_unlisted(rules, evaluation, nodules, judge)]
    possible = highest(rules, [entry.possible for entry in reached])
    return Likelihood(
        answer=_answer(rules, possible),
        possible=possible,
        nodules=tuple(listed),
        open_lines=_distinct(line for entry in reached for line in entry.open_lines),
        lowered_by=_distinct(name for entry in reached for name in entry.lowered_by),
    )


def highest(rules: RulesInForce, sets: Sequence[frozenset[str]]) -> tuple[str, ...]:
    """List what the highest of several nodules can still be, highest first."""
    height = rules.height
    floor = max(min(height[outcome] for outcome in possible) for possible in sets)
    together = frozenset().union(*sets)
    return tuple(
        outcome for outcome in rules.order if outcome in together and height[outcome] >= floor
    )


def shown_nodule(rules: RulesInForce, evaluation: Evaluation, likelihood: Likelihood) -> int | None:
    """Find the position of the nodule whose answer is the case's; None if none is listed."""
    first = rules.likelihood["shown_first"]

    names = [nodule["id"] for nodule in evaluation.facts.get("nodules") or ()]

    def rank(position: int) -> tuple[bool, bool, int]:
        possible = likelihood.nodules[position].possible
        decides = answer_for(rules, possible) == likelihood.answer
        preferred = rules.code(evaluation, first, position) == TRUE
        return decides, preferred, max(rules.height[outcome] for outcome in possible)

    by_name = sorted(range(len(likelihood.nodules)), key=lambda position: names[position])
    return max(by_name, key=rank, default=None)


def answer_for(rules: RulesInForce, possible: Iterable[str]) -> str:
    """Answer for one nodule from what it can still be."""
    return _answer(rules, tuple(outcome for outcome in rules.order if outcome in set(possible)))


def _answer(rules: RulesInForce, possible: tuple[str, ...]) -> str:
    if len(possible) == 1:
        return possible[0]
    lowest = possible[-1]
    enough = rules.height[lowest] >= rules.height[rules.likelihood["provisional_from"]]
    return lowest if enough else NOT_ASSESSABLE


def _unlisted(
    rules: RulesInForce, evaluation: Evaluation, nodules: list[Any] | None, judge: JudgeLine
) -> list[Reached]:
    """Judge what is not in the list: no nodule, an unknown one, or those still to be listed."""
    if nodules is None:
        without = _run(rules, evaluation, rules.lines_without_nodule, None, judge)
        unknown = _run(rules, evaluation, rules.lines, None, judge)
        both = without.possible | unknown.possible
        return [Reached(both, "1", (*unknown.open_lines, *without.open_lines))]
    if not nodules:
        reached = _run(rules, evaluation, rules.lines_without_nodule, None, judge)
        names, steps = rules.lowering.without_nodule, rules.lowering.steps_without
        return [_lowered(rules, evaluation, reached, names, None, steps=steps)]
    if evaluation.facts.get("nodule_count", 0) > len(nodules):
        return [_run(rules, evaluation, rules.lines, None, judge)]
    return []


def _of_nodule(
    rules: RulesInForce, evaluation: Evaluation, index: int, judge: JudgeLine
) -> Reached:
    reached = _run(rules, evaluation, rules.lines, index, judge)
    doubtful = evaluation.facts["nodules"][index].get("certainty") == "doubtful"
    steps = rules.lowering.steps_without if doubtful else rules.lowering.steps_with_nodule
    return _lowered(rules, evaluation, reached, rules.lowering.nodule, index, steps=steps)


def _run(
    rules: RulesInForce,
    evaluation: Evaluation,
    lines: Sequence[Line],
    nodule: int | None,
    judge: JudgeLine,
) -> Reached:
    """Walk down the list: a true line ends it, an unknown line adds its outcome and goes on."""
    possible: set[str] = set()
    undecided: list[Line] = []
    remaining, verdict = iter(lines), UNKNOWN
    while verdict != TRUE:  # the last line always is
        line = next(remaining)
        verdict = judge(rules, evaluation, line, nodule)
        if verdict != FALSE and line.outcome:
            possible.add(line.outcome)
        if verdict == UNKNOWN:
            undecided.append(line)
    return Reached(frozenset(possible), line.number, tuple(undecided))


def _verdict(rules: RulesInForce, evaluation: Evaluation, line: Line, nodule: int | None) -> int:
    if not line.when and not line.when_recorded:
        return TRUE
    verdict = FALSE
    for name in line.when:
        if nodule is None and rules.over_nodules(name):
            verdict |= _of_unknown_nodule(rules, evaluation, name)
        else:
            verdict |= rules.code(evaluation, name, nodule)
    for name in line.when_recorded:
        if rules.code(evaluation, name, nodule) == TRUE:
            return TRUE
    return verdict


def _open_verdict(
    rules: RulesInForce, evaluation: Evaluation, line: Line, nodule: int | None
) -> int:
    """Judge a line while what is not recorded may still be."""
    verdict = _verdict(rules, evaluation, line, nodule)
    for name in line.when_recorded:
        verdict |= rules.code(evaluation, name, nodule)
    return verdict


def _of_unknown_nodule(rules: RulesInForce, evaluation: Evaluation, name: str) -> int:
    """Judge a nodule of which nothing is known: a block may have been of it if it names none."""
    roles = rules.roles
    if name == roles.block_of_nodule and rules.code(evaluation, roles.unnamed_block) == FALSE:
        return FALSE
    return UNKNOWN


def _lowered(
    rules: RulesInForce,
    evaluation: Evaluation,
    reached: Reached,
    names: Sequence[str],
    nodule: int | None,
    *,
    steps: Mapping[str, str],
) -> Reached:
    """Lower by one step at most, however many rules ask for it; if unknown, keep both."""
    codes = [rules.code(evaluation, name, nodule) for name in names]
    if max(codes) == FALSE:
        return reached
    by = tuple(name for name, code in zip(names, codes, strict=True) if code == TRUE)
    lower = frozenset(steps.get(outcome, outcome) for outcome in reached.possible)
    possible = lower if by else lower | reached.possible
    return Reached(possible, reached.line, reached.open_lines, by)


def _distinct(things: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(things))
