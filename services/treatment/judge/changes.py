"""Finds what each missing finding could still change, by trying what it could turn out to be."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from rules import Evaluation, replaced
from treatment.judge.asking import ANSWERED_BY, to_ask
from treatment.judge.checks import STEROID
from treatment.judge.judging import Case, Judgement
from treatment.judge.preparing import Facts, derive_findings

Conclusions = Mapping[str, str]

MOST_ELEMENTS: Final = 60  # fields of elements that are tried; more are only in very long lists


class Change(NamedTuple):
    """What one value of a finding would change.

    Attributes:
        conclusion: `step`, `diagnostic_block` or `modality:…`.
        value: The value of the finding.
        to: What the conclusion would be.
    """

    conclusion: str
    value: Any
    to: str


class Missing(NamedTuple):
    """An unknown finding that stands in an undecided condition.

    Attributes:
        fact: Its name.
        changes: What it could change alone; empty if it matters only together with others.
    """

    fact: str
    changes: tuple[Change, ...]


def missing_findings(judgement: Judgement, case: Case) -> list[Missing]:
    """Lists unknown findings on which something still depends, what could change most first.

    Nothing is listed under a lock: there the red flag comes first.
    """
    if judgement.locked:
        return []
    names = open_facts(judgement, case.facts)
    elements = [name for name in names if "[" in name]
    untried = set(elements[MOST_ELEMENTS:])
    found = [
        Missing(name, () if name in untried else tuple(could_change(judgement, case, name)))
        for name in names
    ]
    return sorted(found, key=lambda one: (not one.changes, -len(one.changes)))


def open_facts(judgement: Judgement, facts: Facts) -> list[str]:
    """Names recorded facts that are unknown and on which something still depends."""
    found = judgement.guidance.compiled.undecided_facts(
        judgement.evaluation, judgement.guidance.watched
    )
    found |= {f"consent.{code}" for code in (*judgement.statuses, STEROID)}
    asked = {name for raw in found for name in to_ask(raw)}
    unknown = {name for name in asked if "[" in name or facts.get(name) is None}
    return sorted(unknown - {name for name, other in ANSWERED_BY.items() if other in facts})


def could_change(judgement: Judgement, case: Case, name: str) -> list[Change]:
    """Tries each value; conclusions are drawn once for each way in which the rules come out."""
    before = judgement.conclusions
    changes: list[Change] = []
    for value, after in _tried(judgement, case, name):
        if after is not before:
            changes += [
                Change(conclusion, value, after[conclusion])
                for conclusion in before
                if after[conclusion] != before[conclusion]
            ]
    return changes


def _tried(judgement: Judgement, case: Case, name: str) -> Iterator[tuple[Any, Conclusions]]:
    """Draws the conclusions for each value that the finding could have."""
    values = _values(judgement, name)
    view, evaluation = judgement.guidance.view, judgement.evaluation
    if name.startswith("consent."):  # read as it is recorded, not by a rule alone
        yield from ((value, _with(judgement, name, value).conclusions) for value in values)
        return
    if "[" in name or name in _FEEDS_DERIVED:
        yield from _tried_further(judgement, case, name, values)
        return
    found: dict[Any, Conclusions] = {None: judgement.conclusions}
    look = view.hypothesis(evaluation, name)
    for value in values:
        shown = look(value)
        if shown not in found:
            state = view.hypothetical_state(evaluation, name, shown)
            other = _seen(judgement, name, state) if state else _with(judgement, name, value)
            found[shown] = other.conclusions
        yield value, found[shown]


def _seen(judgement: Judgement, name: str, state: list[Any]) -> Judgement:
    """Judges by what the view shows of another value; conclusions read nothing else."""
    now, guidance = judgement.evaluation, judgement.guidance
    evaluation = Evaluation(now.compiled, now.facts, now.external, state)
    other = Judgement(guidance, evaluation, proposed=judgement.proposed)
    affected = guidance.affected(name)
    if affected is not None and not (judgement.locked or judgement.held):
        news = {one.code: other.status_by(one, state) for one in affected}
        other.statuses = judgement.statuses | news
    return other


def _tried_further(
    judgement: Judgement, case: Case, name: str, values: Iterable[Any]
) -> Iterator[tuple[Any, Conclusions]]:
    """Draws the conclusions for each value of a finding that may change derived facts too."""
    view, before = judgement.guidance.view, judgement.evaluation.facts
    found = {view(judgement.evaluation): judgement.conclusions}
    look = view.hypothesis(judgement.evaluation, name)
    known = {key: value for key, value in case.facts.items() if value is not None}
    for value in values:
        facts = replaced(known, name, value)
        derived = derive_findings(case.assessment, facts, judgement.guidance.dosing)
        news = {key: fact for key, fact in derived.items() if before.get(key) != fact}
        if not news and look(value) is None:
            yield value, judgement.conclusions
            continue
        other = _prepared(judgement, name, facts, news)
        shown = view(other.evaluation)
        if shown not in found:
            found[shown] = other.conclusions
        yield value, found[shown]


def _values(judgement: Judgement, name: str) -> list[Any]:
    compiled = judgement.guidance.compiled
    if name in compiled.vocabulary.lists:
        return []
    derived = "pain_nrs_judged" if name.startswith("pain_nrs_") else name
    tried = compiled.completions(derived, judgement.evaluation.facts)
    return tried or compiled.completions(name, judgement.evaluation.facts)


def _with(judgement: Judgement, name: str, value: Any) -> Judgement:
    """Judges again with one more finding on which no derived fact rests."""
    evaluation = judgement.guidance.compiled.with_fact(judgement.evaluation, name, value)
    return Judgement(judgement.guidance, evaluation, proposed=judgement.proposed)


def _prepared(judgement: Judgement, name: str, facts: Facts, news: dict[str, Any]) -> Judgement:
    """Judges again with one more finding, and with what became of the derived facts."""
    owner = name.partition("[")[0]
    news[owner] = facts[owner]
    evaluation = judgement.guidance.compiled.with_facts(judgement.evaluation, news)
    return Judgement(judgement.guidance, evaluation, proposed=judgement.proposed)


_FEEDS_DERIVED: Final = frozenset(
    {"pain_nrs_now", "pain_nrs_average", "weight_kg", "height_cm", "nodule_present"}
)
