"""Supposes findings that are missing: judges the case again with each value, and compares."""

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from diagnosis.judge.conclusions import (
    POSSIBLE,
    Changes,
    Conclusions,
    conclusions,
    differences,
    effects,
)
from diagnosis.judge.likelihood import Likelihood, judge_likelihood, likelihood_is_settled
from diagnosis.judge.names import order
from diagnosis.judge.preparing import SITE_NOT_STATED, prepare
from diagnosis.judge.red_flags import ActiveFlag, active_flags
from diagnosis.judge.ruleset import TRUE, RulesInForce
from diagnosis.judge.tables import Read
from rules import Evaluation, View, general
from rules.what_if.views import Reading

PALPATION = "nodule_present"
READ_DIRECTLY = {PALPATION, "nodule_count", "nodules[].certainty"}  # not by a rule alone
IMAGING = "investigations"
MOST_WORK = 20_000  # pairs of elements looked at; some 0.2 s, which only very long lists reach


class Finding(NamedTuple):
    """A missing finding, and what its values would change.

    Attributes:
        fact: Its name, an element by its position.
        values: The values that were supposed.
        changes: What changes, and the positions of the values that change it so.
        supposed: Whether the values were supposed at all; the longest lists are not.
        nodule: Id of the nodule whose imaging was supposed; None for a fact.
    """

    fact: str
    values: Sequence[Any]
    changes: Mapping[Changes, Sequence[int]]
    supposed: bool = True
    nodule: str | None = None

    @property
    def alone(self) -> bool:
        """Whether it changes something alone; otherwise it may together with others."""
        return bool(self.changes)

    def importance(self) -> int:
        """Rank: what can lock or hold, what moves the likelihood, the rest, what cannot alone."""
        if not self.changes:
            return 3
        kinds = {name.partition(":")[0] for changes in self.changes for name, _ in changes}
        if "red_flag" in kinds or "category" in kinds:
            return 0
        return 1 if kinds & {"likelihood", POSSIBLE} else 2


class WhatIf:
    """A case in which one finding after the other is supposed.

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
        self._known = known or judge_likelihood(rules, evaluation)
        self._contradictory = rules.is_true(evaluation, rules.roles.contradiction)
        self._price = _pairs(evaluation.facts)
        self._work = 0
        self._now: dict[int, Conclusions] = {}

    @functools.cached_property
    def _locks(self) -> frozenset[str]:
        """The conclusions that lock now."""
        flags = effects(self.rules, self.evaluation, self.rules.everything)
        return frozenset(name for name, effect in flags.items() if effect == "lock")

    def _concluded(self, read: Read) -> Conclusions:
        """Draw now, once, the conclusions that rest on a fact."""
        found = self._now.get(id(read))
        if found is None:
            locks = self._locks
            locked = bool(locks) and not locks.issubset(name for name, _, _ in read.flags)
            found = conclusions(self.rules, self.evaluation, self._known, read, locked=locked)
            self._now[id(read)] = found
        return found

    def of_fact(self, name: str) -> Finding:
        """Suppose each value of one fact, unless the lists are too long for this field too."""
        if name in self.rules.vocabulary.lists:
            return Finding(name, (), {})
        values = self._values(name)
        if "[" in name and not self._affordable(len(values)):
            return Finding(name, values, {}, supposed=False)
        if general(name) in READ_DIRECTLY:
            return Finding(name, values, self._by_change_of_all(name, values))
        return Finding(name, values, self._by_change(name, values, settled=self._settled))

    @functools.cached_property
    def _settled(self) -> bool:
        """Whether the likelihood stays as it is, whatever is learnt."""
        opened = self.rules.compiled.in_open_world(self.evaluation)
        return likelihood_is_settled(self.rules, opened)

    def _by_change(
        self, name: str, values: Sequence[Any], *, settled: bool
    ) -> dict[Changes, list[int]]:
        """Find what values would change, and the positions of those that change it so."""
        found: dict[Changes, list[int]] = {}
        known: dict[Reading, Changes] = {}
        view = self.rules.flags_view if settled else self.rules.view
        read = self.rules.read_of(general(name), likelihood=not settled)
        look = view.hypothesis(self.evaluation, name)
        for at, value in enumerate(values):
            shown = look(value)
            if shown is None:
                continue
            changes = known.get(shown)
            if changes is None:
                other = self._seen(view, name, shown) or self._with(name, value)
                changes = known[shown] = self._changes(other, read)
            if changes:
                found.setdefault(changes, []).append(at)
        return found

    def _by_change_of_all(self, name: str, values: Sequence[Any]) -> dict[Changes, list[int]]:
        """Find what values would change of a fact that is not only read by rules."""
        found: dict[Changes, list[int]] = {}
        for at, value in enumerate(values):
            changes = self._changes(self._judged_again(name, value), self.rules.everything)
            if changes:
                found.setdefault(changes, []).append(at)
        return found

    def of_imaging(self, nodule_id: str) -> Finding:
        """Suppose what imaging of a nodule could show."""
        undone = self.rules.undone_imaging
        results = undone["results"]
        if not self._affordable(len(results)):
            return Finding(IMAGING, results, {}, supposed=False, nodule=nodule_id)
        done = self.evaluation.facts.get(IMAGING, [])
        images = [
            [*done, {"kind": undone["kind"], "nodule_id": nodule_id, "result": result}]
            for result in results
        ]
        return Finding(
            IMAGING, results, self._by_change(IMAGING, images, settled=False), nodule=nodule_id
        )

    def _affordable(self, trials: int) -> bool:
        self._work += trials * self._price
        return self._work <= MOST_WORK

    def _values(self, name: str) -> list[Any]:
        """List the values to try; a link is tried with every nodule."""
        facts, named = self.evaluation.facts, general(name)
        if named in self.rules.links:
            return [nodule["id"] for nodule in facts.get("nodules", ())]
        values = self.rules.compiled.completions(name, facts)
        if named in self.rules.sites:
            return [value for value in values if value != SITE_NOT_STATED]
        return values

    def _judged_again(self, name: str, value: Any) -> Evaluation:
        """Judge with one fact more; what palpation found changes how the list is prepared."""
        if name != PALPATION:
            return self._with(name, value)
        before, after = self.evaluation.facts, prepare({**self._recorded, name: value})
        news = {key: found for key, found in after.items() if before.get(key) != found}
        return self.rules.compiled.with_facts(self.evaluation, news)

    def _with(self, name: str, value: Any) -> Evaluation:
        return self.rules.compiled.with_fact(self.evaluation, name, value)

    def _seen(self, view: View, name: str, shown: Reading) -> Evaluation | None:
        """Take what was seen for the whole; enough for conclusions, which read nothing else."""
        now = self.evaluation
        state = view.hypothetical_state(now, name, shown)
        return Evaluation(now.compiled, now.facts, now.external, state) if state else None

    def _changes(self, other: Evaluation, read: Read) -> Changes:
        """List what would differ; nothing, if the finding could not be true."""
        if not self._contradictory and self.rules.is_true(other, self.rules.roles.contradiction):
            return ()
        found = judge_likelihood(self.rules, other) if read.likelihood else self._known
        now = self._concluded(read)
        then = conclusions(self.rules, other, found, read, locked=now.locked)
        return () if then == now else differences(now, then)


def missing_findings(
    rules: RulesInForce,
    evaluation: Evaluation,
    recorded: Mapping[str, Any],
    known: Likelihood | None = None,
) -> list[Finding]:
    """Find for each missing finding what it could still change, the most important first.

    Each coded value and one number from each interval between thresholds is supposed by judging the
    case again. A finding that changes nothing alone, but on which an open verdict rests, may matter
    together with others. What would release a red flag is supposed while that flag is active.

    Args:
        rules: the rules in force.
        evaluation: their verdicts.
        recorded: the facts before they were prepared.
        known: the likelihood that the verdicts lead to, if it was judged already.
    """
    what_if = WhatIf(rules, evaluation, recorded, known)
    findings = [what_if.of_fact(name) for name in candidates(rules, evaluation)]
    findings += [what_if.of_imaging(name) for name in unimaged(rules, evaluation)]
    return sorted(findings, key=Finding.importance)


def candidates(
    rules: RulesInForce, evaluation: Evaluation, active: Iterable[ActiveFlag] | None = None
) -> list[str]:
    """List the unknown facts on which something still depends, as the vocabulary orders them."""
    flags = active_flags(rules, evaluation) if active is None else active
    grades = [grade.when for entry in flags for grade in entry.flag.grades if grade.when]
    names = rules.compiled.undecided_facts(
        evaluation, of=[*rules.decisive, *grades], each=rules.of_each_nodule
    )
    unknown = {name for name in names if name.partition("[")[0] not in rules.derived}
    if "nodules" in unknown and "nodules" not in evaluation.facts:
        unknown = unknown - {"nodules"} | {PALPATION}
    return sorted(unknown, key=lambda name: order(rules, name))


def unimaged(rules: RulesInForce, evaluation: Evaluation) -> list[str]:
    """List the nodules that are not known to have been imaged, by id."""
    imaged = rules.roles.nodule_imaged
    return [
        nodule["id"]
        for at, nodule in enumerate(evaluation.facts.get("nodules") or ())
        if rules.code(evaluation, imaged, at) != TRUE
    ]


def _pairs(facts: Mapping[str, Any]) -> int:
    """Count what judging one element again looks at: every nodule with everything tied to one."""
    tied = sum(len(facts.get(name, ())) for name in ("investigations", "blocks"))
    return 1 + len(facts.get("nodules") or ()) * (1 + tied)
