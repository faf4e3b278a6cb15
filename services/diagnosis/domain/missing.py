"""Missing findings: what each could still change, found by trying its values."""

from collections.abc import Iterator, Mapping
from typing import Any

from diagnosis.domain.likelihood import Likelihood
from diagnosis.domain.naming import label, order, spelled
from diagnosis.domain.red_flags import active_flags
from diagnosis.domain.ruleset import TRUE, RulesInForce
from diagnosis.domain.trying import EFFECTS, GONE, PALPATION, Change, Trial, Tried
from rules import Evaluation, general

UNTRIED = "May change the answer; the lists are too long to try each of their findings alone."


def missing_findings(
    rules: RulesInForce,
    evaluation: Evaluation,
    recorded: Mapping[str, Any],
    known: Likelihood | None = None,
) -> list[dict[str, Any]]:
    """Say for each missing finding what it could still change, and into what.

    Each coded value and one number from each interval between thresholds is tried by judging the
    case again. A finding that changes nothing alone, but on which an open verdict rests, may matter
    together with others. What would release a red flag is tried while that flag is active.

    Args:
        rules: the rules in force.
        evaluation: their verdicts.
        recorded: the facts before they were prepared.
        known: the likelihood that the verdicts lead to, if it was judged already.
    """
    trial = Trial(rules, evaluation, recorded, known)
    found = [_finding(trial, name) for name in _candidates(rules, evaluation)]
    found += _undone_imaging(trial)
    found.sort(key=_importance)
    return found


def _candidates(rules: RulesInForce, evaluation: Evaluation) -> list[str]:
    """List the unknown facts on which something still depends, as the vocabulary orders them."""
    grades = [g.when for entry in active_flags(rules, evaluation) for g in entry.flag.grades]
    decisive = [*rules.decisive, *(name for name in grades if name)]
    names = rules.compiled.undecided_facts(evaluation, of=decisive, each=rules.of_each_nodule)
    unknown = {name for name in names if general(name).partition("[")[0] not in rules.derived}
    if "nodules" in unknown and "nodules" not in evaluation.facts:
        unknown = unknown - {"nodules"} | {PALPATION}
    return sorted(unknown, key=lambda name: order(rules, name))


def _finding(trial: Trial, name: str) -> dict[str, Any]:
    rules, facts = trial.rules, trial.evaluation.facts
    title = label(rules, name, facts)
    tried: Tried | None = {} if name in rules.vocabulary.lists else trial.of_fact(name)
    return {
        "fact": spelled(name, facts),
        "label": title,
        "examination": rules.examination_of(name),
        **_outcome(rules, title, tried),
    }


def _undone_imaging(trial: Trial) -> Iterator[dict[str, Any]]:
    """Try what an ultrasound of each nodule that has not been imaged could show."""
    rules = trial.rules
    nodules = trial.evaluation.facts.get("nodules") or []
    for index, nodule in enumerate(nodules):
        if rules.code(trial.evaluation, "nodule-imaged", index) == TRUE:
            continue
        title = "Ultrasound of the nodule" + (f" {nodule['id']}" if len(nodules) > 1 else "")
        yield {
            "fact": "investigations",
            "label": title,
            "examination": "Ultrasound",
            **_outcome(rules, title, trial.of_imaging(nodule["id"])),
        }


def _outcome(rules: RulesInForce, title: str, tried: Tried | None) -> dict[str, Any]:
    found = tried or {}
    could_change = [
        {"conclusion": conclusion, "if": " or ".join(values), "to": to}
        for changes, values in found.items()
        for conclusion, to in changes
    ]
    parts = [
        f"if {' or '.join(values)}, {_in_words(rules, changes)}"
        for changes, values in found.items()
    ]
    alone = f"{title}: {'; '.join(parts)}."
    outcome = {"could_change": could_change, "together": not could_change}
    if could_change or tried is None:
        outcome["sentence"] = alone if could_change else UNTRIED
    return outcome


def _in_words(rules: RulesInForce, changes: tuple[Change, ...]) -> str:
    """Put changes into words; that a lock takes the category out of scope goes without saying."""
    locks = any(to == EFFECTS["lock"] for _, to in changes)
    said = [change for change in changes if not (locks and change[0] == "category")]
    return " and ".join(_change_in_words(rules, *change) for change in said)


def _change_in_words(rules: RulesInForce, conclusion: str, to: str) -> str:
    kind, _, rule = conclusion.partition(":")
    if kind == "red_flag":
        effect = "is no longer active" if to == GONE[kind] else to
        return f"{rule} {effect}"
    if kind == "differential":
        return f"{rules.rules[rule].title} ({rule}) is {to}"
    if kind == "possible likelihoods":
        return f"{to} remain possible" if " or " in to else f"only {to} remains possible"
    return f"the {kind} is {to}"


def _importance(finding: dict[str, Any]) -> int:
    """Rank: what can lock or hold, what moves the likelihood, the rest, what cannot alone."""
    if finding["together"]:
        return 3
    kinds = {change["conclusion"].partition(":")[0] for change in finding["could_change"]}
    if "red_flag" in kinds or "category" in kinds:
        return 0
    return 1 if kinds & {"likelihood", "possible likelihoods"} else 2
