"""Missing findings: what each could still change, found by trying its values."""

from collections.abc import Iterator, Mapping
from typing import Any

from chassis.knowledge import Evaluation
from diagnosis.domain.likelihood import judge_likelihood
from diagnosis.domain.naming import general, label, order, spelled
from diagnosis.domain.preparing import prepare
from diagnosis.domain.red_flags import active_flags
from diagnosis.domain.ruleset import CATEGORY_LOCKED, TRUE, RulesInForce
from diagnosis.domain.values import as_condition

Conclusions = Mapping[str, str]
Change = tuple[str, str]  # a conclusion, and what it would become

PALPATION = "nodule_present"
CONTRADICTION = "cannot-both-be-true"
IMAGING_RESULTS = {"fat_nodule": "fat", "non_fat": "not plainly fat"}
EFFECTS = {"lock": "locks treatment", "hold": "holds treatment", "note": "is shown"}
TOGETHER = "May matter together with other missing findings."
GONE = {"red_flag": "not active", "differential": "not listed"}


class _Trial:
    """A case in which one finding after the other is imagined."""

    def __init__(
        self, rules: RulesInForce, evaluation: Evaluation, recorded: Mapping[str, Any]
    ) -> None:
        self.rules = rules
        self.evaluation = evaluation
        self.recorded = recorded
        self._known: dict[Any, Conclusions] = {}
        self._contradictory = rules.is_true(evaluation, CONTRADICTION)
        self.now = self.conclusions(evaluation)

    def conclusions(self, evaluation: Evaluation) -> Conclusions:
        """Draw the conclusions, once for all evaluations that look alike to them."""
        view = (self.rules.view(evaluation), _shape(evaluation.facts))
        if view not in self._known:
            self._known[view] = conclusions(self.rules, evaluation)
        return self._known[view]

    def changes(self, other: Evaluation) -> tuple[Change, ...]:
        """List what differs now; nothing, if the finding could not be true."""
        if not self._contradictory and self.rules.is_true(other, CONTRADICTION):
            return ()
        then = self.conclusions(other)
        return () if then is self.now else _changes(self.now, then)


def _shape(facts: Mapping[str, Any]) -> Any:
    """Reduce the list of nodules to what the likelihood reads of it beside the verdicts."""
    nodules = facts.get("nodules")
    certainties = None if nodules is None else tuple(e.get("certainty") for e in nodules)
    return certainties, facts.get("nodule_count")


def missing_findings(
    rules: RulesInForce, evaluation: Evaluation, recorded: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Say for each missing finding what it could still change, and into what.

    Each coded value and one number from each interval between thresholds is tried by judging the
    case again. A finding that changes nothing alone, but on which an open verdict rests, may matter
    together with others. What would release a red flag is tried while that flag is active.

    Args:
        rules: the rules in force.
        evaluation: their verdicts.
        recorded: the facts before they were prepared.
    """
    trial = _Trial(rules, evaluation, recorded)
    found = [
        _finding(rules, evaluation, name, _tried(trial, name))
        for name in _candidates(rules, evaluation)
    ]
    found += _undone_imaging(trial)
    found.sort(key=_importance)
    return found


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


def _candidates(rules: RulesInForce, evaluation: Evaluation) -> list[str]:
    """List the unknown facts on which something still depends, as the vocabulary orders them."""
    grades = [g.when for entry in active_flags(rules, evaluation) for g in entry.flag.grades]
    decisive = [*rules.decisive, *(name for name in grades if name)]
    names = rules.compiled.undecided_facts(evaluation, of=decisive)
    unknown = {name for name in names if general(name).partition("[")[0] not in rules.derived}
    if "nodules" in unknown and "nodules" not in evaluation.facts:
        unknown = unknown - {"nodules"} | {PALPATION}
    return sorted(unknown, key=lambda name: order(rules, name))


def _tried(trial: _Trial, name: str) -> dict[tuple[Change, ...], list[str]]:
    """Try the values of one fact: what changes -> the values that change it so."""
    rules = trial.rules
    if name in rules.vocabulary.lists:
        return {}
    values = _values(rules, trial.evaluation, name)
    tried: dict[tuple[Change, ...], list[int]] = {}
    for at, value in enumerate(values):
        changes = trial.changes(_judged_again(trial, name, value))
        if changes:
            tried.setdefault(changes, []).append(at)
    fact = rules.vocabulary.fact(name)
    return {changes: as_condition(fact, values, at) for changes, at in tried.items()}


def _values(rules: RulesInForce, evaluation: Evaluation, name: str) -> list[Any]:
    """List the values to try; a link is tried with every nodule."""
    if rules.vocabulary.fact(name).type == "ref":
        return [nodule["id"] for nodule in evaluation.facts.get("nodules", ())]
    return rules.compiled.completions(name, evaluation.facts)


def _judged_again(trial: _Trial, name: str, value: Any) -> Evaluation:
    """Judge with one fact more; what palpation found changes how the list is prepared."""
    compiled = trial.rules.compiled
    if name == PALPATION:
        return compiled.evaluate(prepare({**trial.recorded, name: value}))
    return compiled.with_fact(trial.evaluation, name, value)


def _changes(now: Conclusions, then: Conclusions) -> tuple[Change, ...]:
    """List the conclusions that differ; a new likelihood says enough about the range."""
    names = [*now, *(name for name in then if name not in now)]
    changed = [
        (name, then.get(name) or GONE[name.partition(":")[0]])
        for name in names
        if now.get(name) != then.get(name)
    ]
    if "likelihood" in dict(changed):
        changed = [change for change in changed if change[0] != "possible likelihoods"]
    return tuple(changed)


def _finding(
    rules: RulesInForce,
    evaluation: Evaluation,
    name: str,
    tried: Mapping[tuple[Change, ...], list[str]],
) -> dict[str, Any]:
    facts = evaluation.facts
    return {
        "fact": spelled(name, facts),
        "label": label(rules, name, facts),
        "examination": rules.examination_of(name),
        **_outcome(rules, label(rules, name, facts), tried),
    }


def _outcome(
    rules: RulesInForce, title: str, tried: Mapping[tuple[Change, ...], list[str]]
) -> dict[str, Any]:
    could_change = [
        {"conclusion": conclusion, "if": " or ".join(values), "to": to}
        for changes, values in tried.items()
        for conclusion, to in changes
    ]
    parts = [
        f"if {' or '.join(values)}, {_in_words(rules, changes)}"
        for changes, values in tried.items()
    ]
    alone = f"{title}: {'; '.join(parts)}."
    return {
        "could_change": could_change,
        "together": not could_change,
        "sentence": alone if could_change else TOGETHER,
    }


def _in_words(rules: RulesInForce, changes: tuple[Change, ...]) -> str:
    """Put changes into words; that a lock takes the category out of scope goes without saying."""
    locks = any(to == EFFECTS["lock"] for _, to in changes)
    said = [change for change in changes if not (locks and change[0] == "category")]
    return " and ".join(_change_in_words(rules, *change) for change in said)


def _change_in_words(rules: RulesInForce, conclusion: str, to: str) -> str:
    kind, _, rule = conclusion.partition(":")
    if kind == "red_flag":
        effect = "is no longer active" if to == GONE[kind] else to
        return f"{rule} ({rules.rules[rule].title}) {effect}"
    if kind == "differential":
        return f"{rules.rules[rule].title} ({rule}) is {to}"
    if kind == "possible likelihoods":
        return f"{to} remain possible" if " or " in to else f"only {to} remains possible"
    return f"the {kind} is {to}"


def _undone_imaging(trial: _Trial) -> Iterator[dict[str, Any]]:
    """Try what an ultrasound of each nodule that has not been imaged could show."""
    rules, facts = trial.rules, trial.evaluation.facts
    nodules = facts.get("nodules") or []
    for index, nodule in enumerate(nodules):
        if rules.code(trial.evaluation, "nodule-imaged", index) == TRUE:
            continue
        title = "Ultrasound of the nodule" + (f" {nodule['id']}" if len(nodules) > 1 else "")
        yield {
            "fact": "investigations",
            "label": title,
            "examination": "Ultrasound",
            **_outcome(rules, title, _imaged(trial, nodule["id"])),
        }


def _imaged(trial: _Trial, nodule_id: str) -> dict[tuple[Change, ...], list[str]]:
    done = trial.evaluation.facts.get("investigations", [])
    tried: dict[tuple[Change, ...], list[str]] = {}
    for result, text in IMAGING_RESULTS.items():
        image = {"kind": "ultrasound", "nodule_id": nodule_id, "result": result}
        other = trial.rules.compiled.with_fact(trial.evaluation, "investigations", [*done, image])
        changes = trial.changes(other)
        if changes:
            tried.setdefault(changes, []).append(text)
    return tried


def _importance(finding: dict[str, Any]) -> int:
    """Rank: what can lock or hold, what moves the likelihood, the rest, what cannot alone."""
    if finding["together"]:
        return 3
    kinds = {change["conclusion"].partition(":")[0] for change in finding["could_change"]}
    if "red_flag" in kinds or "category" in kinds:
        return 0
    return 1 if kinds & {"likelihood", "possible likelihoods"} else 2
