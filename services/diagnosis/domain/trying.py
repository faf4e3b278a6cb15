"""Tries findings that are missing: judges the case again with each, and compares what follows."""

from collections.abc import Iterable, Mapping
from typing import Any

from chassis.knowledge import Evaluation
from diagnosis.domain.likelihood import judge_likelihood
from diagnosis.domain.preparing import SITE_NOT_STATED, prepare
from diagnosis.domain.red_flags import active_flags
from diagnosis.domain.ruleset import CATEGORY_LOCKED, TRUE, RulesInForce
from diagnosis.domain.values import as_condition

Conclusions = Mapping[str, str]
Change = tuple[str, str]  # a conclusion, and what it would become
Tried = dict[tuple[Change, ...], list[str]]  # what changes -> the values that change it so

PALPATION = "nodule_present"
CONTRADICTION = "cannot-both-be-true"
IMAGING_RESULTS = {"fat_nodule": "fat", "non_fat": "not plainly fat"}
EFFECTS = {"lock": "locks treatment", "hold": "holds treatment", "note": "is shown"}
GONE = {"red_flag": "not active", "differential": "not listed"}
MOST_WORK = 20_000  # pairs of elements looked at; some 0.2 s, which only very long lists reach


class Trial:
    """A case in which one finding after the other is imagined."""

    def __init__(
        self, rules: RulesInForce, evaluation: Evaluation, recorded: Mapping[str, Any]
    ) -> None:
        """Begin from a judged case and the facts before they were prepared."""
        self.rules = rules
        self.evaluation = evaluation
        self._recorded = recorded
        self._known: dict[Any, Conclusions] = {}
        self._contradictory = rules.is_true(evaluation, CONTRADICTION)
        self._now = self._conclusions(evaluation)
        self._price = _pairs(evaluation.facts)
        self._work = 0

    def of_fact(self, name: str) -> Tried | None:
        """Try each value of one fact; None if the lists are too long to try this field too."""
        values = self._values(name)
        if "[" in name and not self._affordable(len(values)):
            return None
        tried: dict[tuple[Change, ...], list[int]] = {}
        for at, value in enumerate(values):
            changes = self._changes(self._judged_again(name, value))
            if changes:
                tried.setdefault(changes, []).append(at)
        fact = self.rules.vocabulary.fact(name)
        return {changes: as_condition(fact, values, at) for changes, at in tried.items()}

    def of_imaging(self, nodule_id: str) -> Tried | None:
        """Try what an ultrasound of a nodule could show; None as for a fact."""
        if not self._affordable(len(IMAGING_RESULTS)):
            return None
        done = self.evaluation.facts.get("investigations", [])
        tried: Tried = {}
        for result, text in IMAGING_RESULTS.items():
            image = {"kind": "ultrasound", "nodule_id": nodule_id, "result": result}
            changes = self._changes(self._with("investigations", [*done, image]))
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
        if name == PALPATION:
            return self.rules.compiled.evaluate(prepare({**self._recorded, name: value}))
        return self._with(name, value)

    def _with(self, name: str, value: Any) -> Evaluation:
        return self.rules.compiled.with_fact(self.evaluation, name, value)

    def _conclusions(self, evaluation: Evaluation) -> Conclusions:
        """Draw the conclusions, once for all evaluations that look alike to them."""
        view = (self.rules.view(evaluation), _shape(evaluation.facts))
        if view not in self._known:
            self._known[view] = conclusions(self.rules, evaluation)
        return self._known[view]

    def _changes(self, other: Evaluation) -> tuple[Change, ...]:
        """List what differs now; nothing, if the finding could not be true."""
        if not self._contradictory and self.rules.is_true(other, CONTRADICTION):
            return ()
        then = self._conclusions(other)
        return () if then is self._now else differences(self._now, then)


def conclusions(rules: RulesInForce, evaluation: Evaluation) -> Conclusions:
    """Reduce a judged case to what can be compared: category, likelihood, flags, differentials."""
    found = judge_likelihood(rules, evaluation)
    flags = active_flags(rules, evaluation)
    locked = any(entry.effect == "lock" for entry in flags)
    answer = {
        "category": CATEGORY_LOCKED if locked else found.answer,
        "likelihood": found.answer,
        "possible likelihoods": " or ".join(found.possible),
    }
    answer |= {f"red_flag:{entry.id}": EFFECTS[entry.effect] for entry in flags}
    for rule in rules.differentials:
        if rules.code(evaluation, rule.id) == TRUE:
            answer[f"differential:{rule.id}"] = "listed"
    return answer


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
