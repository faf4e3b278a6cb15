"""Tries findings that are missing: judges the case again with each, and compares what follows."""

import functools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from diagnosis.domain.likelihood import Likelihood, judge_likelihood
from diagnosis.domain.preparing import SITE_NOT_STATED, prepare
from diagnosis.domain.red_flags import grade_of
from diagnosis.domain.ruleset import CATEGORY_LOCKED, CONTRADICTION, TRUE, Read, RulesInForce
from diagnosis.domain.values import as_condition
from rules import Evaluation, general

Conclusions = Mapping[str, str]
Change = tuple[str, str]  # a conclusion, and what it would become
Tried = dict[tuple[Change, ...], list[str]]  # what changes -> the values that change it so

PALPATION = "nodule_present"
READ_DIRECTLY = {PALPATION, "nodule_count", "nodules[].certainty"}  # not by a rule alone
IMAGING_RESULTS = {"fat_nodule": "fat", "non_fat": "not plainly fat"}
EFFECTS = {"lock": "locks treatment", "hold": "holds treatment", "note": "is shown"}
GONE = {"red_flag": "not active", "differential": "not listed"}
MOST_WORK = 20_000  # pairs of elements looked at; some 0.2 s, which only very long lists reach


class Trial:
    """A case in which one finding after the other is imagined.

    A value is judged only as far as what a conclusion reads depends on it, and where that comes out
    as it is now, the value changes nothing. Conclusions are drawn once for each way in which it can
    come out, and the likelihood once for each way in which its decision list can.
    """

    def __init__(
        self,
        rules: RulesInForce,
        evaluation: Evaluation,
        recorded: Mapping[str, Any],
        known: Likelihood | None = None,
    ) -> None:
        """Begin from a judged case, the facts before they were prepared, and its likelihood."""
        self.rules = rules
        self.evaluation = evaluation
        self._recorded = recorded
        self._likelihoods: dict[Any, Likelihood] = {}
        self._known = known or judge_likelihood(rules, evaluation)
        self._likelihoods[self._look(evaluation)] = self._known
        self._contradictory = rules.is_true(evaluation, CONTRADICTION)
        self._price = _pairs(evaluation.facts)
        self._work = 0

    @functools.cached_property
    def _locks(self) -> frozenset[str]:
        """The conclusions that lock now."""
        flags = effects(self.rules, self.evaluation, self.rules.everything)
        return frozenset(name for name, effect in flags.items() if effect == EFFECTS["lock"])

    def of_fact(self, name: str) -> Tried | None:
        """Try each value of one fact; None if the lists are too long to try this field too."""
        values = self._values(name)
        if "[" in name and not self._affordable(len(values)):
            return None
        tried: dict[tuple[Change, ...], list[int]] = {}
        for at, changes in enumerate(self._each(name, values)):
            if changes:
                tried.setdefault(changes, []).append(at)
        if not tried:
            return {}
        fact = self.rules.vocabulary.fact(name)
        return {changes: as_condition(fact, values, at) for changes, at in tried.items()}

    def _each(self, name: str, values: Iterable[Any]) -> Iterator[tuple[Change, ...]]:
        """Say of each value what it would change."""
        found: dict[Any, tuple[Change, ...]] = {None: ()}
        apart = general(name) in READ_DIRECTLY
        look = self.rules.view.hypothesis(self.evaluation, name)
        read = self.rules.everything if apart else self.rules.read_of(general(name))
        for value in values:
            shown = (value,) if apart else look(value)
            if shown not in found:
                view = self.rules.view
                seen = None if apart else view.hypothetical_state(self.evaluation, name, shown)
                other = self._seen(seen) if seen else self._judged_again(name, value)
                found[shown] = self._changes(other, read)
            yield found[shown]

    def of_imaging(self, nodule_id: str) -> Tried | None:
        """Try what an ultrasound of a nodule could show; None as for a fact."""
        if not self._affordable(len(IMAGING_RESULTS)):
            return None
        done = self.evaluation.facts.get("investigations", [])
        images = [
            [*done, {"kind": "ultrasound", "nodule_id": nodule_id, "result": result}]
            for result in IMAGING_RESULTS
        ]
        tried: Tried = {}
        changed = self._each("investigations", images)
        for text, changes in zip(IMAGING_RESULTS.values(), changed, strict=True):
            if changes:
                tried.setdefault(changes, []).append(text)
        return tried

    def _affordable(self, trials: int) -> bool:
        self._work += trials * self._price
        return self._work <= MOST_WORK

    def _values(self, name: str) -> list[Any]:
        """List the values to try; a link is tried with every nodule."""
        facts = self.evaluation.facts
        if self.rules.vocabulary.fact(name).type == "ref":
            return [nodule["id"] for nodule in facts.get("nodules", ())]
        values = self.rules.compiled.completions(name, facts)
        return [value for value in values if value != SITE_NOT_STATED]

    def _judged_again(self, name: str, value: Any) -> Evaluation:
        """Judge with one fact more; what palpation found changes how the list is prepared."""
        if name != PALPATION:
            return self._with(name, value)
        before, after = self.evaluation.facts, prepare({**self._recorded, name: value})
        news = {key: found for key, found in after.items() if before.get(key) != found}
        return self.rules.compiled.with_facts(self.evaluation, news)

    def _with(self, name: str, value: Any) -> Evaluation:
        return self.rules.compiled.with_fact(self.evaluation, name, value)

    def _seen(self, state: list[Any]) -> Evaluation:
        """Take what was seen for the whole; enough for conclusions, which read nothing else."""
        now = self.evaluation
        return Evaluation(now.compiled, now.facts, now.external, state)

    def _likelihood(self, evaluation: Evaluation) -> Likelihood:
        """Judge the likelihood, once for all evaluations that look alike to it."""
        view = self._look(evaluation)
        if view not in self._likelihoods:
            self._likelihoods[view] = judge_likelihood(self.rules, evaluation)
        return self._likelihoods[view]

    def _look(self, evaluation: Evaluation) -> Any:
        return self.rules.likelihood_view(evaluation), _shape(evaluation.facts)

    def _changes(self, other: Evaluation, read: Read) -> tuple[Change, ...]:
        """List what differs now of what can; nothing, if the finding could not be true."""
        if not self._contradictory and self.rules.is_true(other, CONTRADICTION):
            return ()
        found = self._likelihood(other) if read.likelihood else self._known
        locked = not self._locks.issubset(name for name, _, _ in read.flags)
        now = conclusions(self.rules, self.evaluation, self._known, read, locked=locked)
        return differences(now, conclusions(self.rules, other, found, read, locked=locked))


def conclusions(
    rules: RulesInForce, evaluation: Evaluation, found: Likelihood, read: Read, *, locked: bool
) -> Conclusions:
    """Reduce a judged case to what can be compared: category, likelihood, flags, differentials.

    Args:
        rules: the rules in force.
        evaluation: their verdicts.
        found: the likelihood that they lead to.
        read: which flags and differentials to look at.
        locked: whether another flag locks.
    """
    state = evaluation.state
    flags = effects(rules, evaluation, read)
    locked = locked or EFFECTS["lock"] in flags.values()
    return {
        "category": CATEGORY_LOCKED if locked else found.answer,
        "likelihood": found.answer,
        "possible likelihoods": " or ".join(found.possible),
        **flags,
        **{name: "listed" for name, place in read.differentials if state[place] == TRUE},
    }


def effects(rules: RulesInForce, evaluation: Evaluation, read: Read) -> dict[str, str]:
    """Say what each active flag does."""
    state = evaluation.state
    return {
        name: EFFECTS[grade_of(rules, evaluation, flag).effect]
        for name, place, flag in read.flags
        if state[place] == TRUE
    }


def differences(now: Conclusions, then: Conclusions) -> tuple[Change, ...]:
    """List the conclusions that differ; a new likelihood says enough about the range."""
    names: Iterable[str] = [*now, *(name for name in then if name not in now)]
    changed = [
        (name, then.get(name) or GONE[name.partition(":")[0]])
        for name in names
        if now.get(name) != then.get(name)
    ]
    if "likelihood" in dict(changed):
        changed = [change for change in changed if change[0] != "possible likelihoods"]
    return tuple(changed)


def _shape(facts: Mapping[str, Any]) -> Any:
    """Reduce the list of nodules to what the likelihood reads of it beside the verdicts."""
    nodules = facts.get("nodules")
    certainties = None if nodules is None else tuple(e.get("certainty") for e in nodules)
    return certainties, facts.get("nodule_count")


def _pairs(facts: Mapping[str, Any]) -> int:
    """Count what judging one element again looks at: every nodule with everything tied to one."""
    tied = sum(len(facts.get(name, ())) for name in ("investigations", "blocks"))
    return 1 + len(facts.get("nodules") or ()) * (1 + tied)
