"""Missing findings in the document: what each could still change, and into what."""

from collections.abc import Sequence
from typing import Any

from diagnosis.judge.conclusions import POSSIBLE, Change, Changes
from diagnosis.judge.names import spelled
from diagnosis.judge.what_if import Finding
from diagnosis.write.case import Case
from diagnosis.write.naming import label
from diagnosis.write.values import as_condition

EITHER = " or "


def describe_missing(case: Case, findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Write the missing findings in the order in which they were ranked."""
    return [
        _finding(case, finding) if finding.nodule is None else _imaging(case, finding)
        for finding in findings
    ]


def _finding(case: Case, finding: Finding) -> dict[str, Any]:
    title = label(case.rules, finding.fact, case.facts)
    return {
        "fact": spelled(finding.fact, case.facts),
        "label": title,
        "examination": case.rules.examination_of(finding.fact),
        **_outcome(case, title, finding),
    }


def _imaging(case: Case, finding: Finding) -> dict[str, Any]:
    several = len(case.facts["nodules"]) > 1
    title = case.text("missing.imaging") + (f" {finding.nodule}" if several else "")
    return {
        "fact": finding.fact,
        "label": title,
        "examination": case.text("missing.imaging_examination"),
        **_outcome(case, title, finding),
    }


def _outcome(case: Case, title: str, finding: Finding) -> dict[str, Any]:
    changes = {made: _values(case, finding, at) for made, at in finding.changes.items()}
    could_change = [
        {"conclusion": conclusion, "if": EITHER.join(values), "to": _becomes(case, conclusion, to)}
        for made, values in changes.items()
        for conclusion, to in made
    ]
    outcome = {"could_change": could_change, "together": not could_change}
    if could_change:
        outcome["sentence"] = _sentence(case, title, changes)
    elif not finding.supposed:
        outcome["sentence"] = case.text("missing.not_supposed")
    return outcome


def _values(case: Case, finding: Finding, chosen: Sequence[int]) -> list[str]:
    if finding.nodule is not None:
        return [case.text(f"missing.imaging_results.{finding.values[at]}") for at in chosen]
    fact = case.rules.vocabulary.fact(finding.fact)
    return as_condition(case.sentences, fact, finding.values, chosen)


def _sentence(case: Case, title: str, changes: dict[Changes, list[str]]) -> str:
    outcomes = [
        case.text("missing.outcome", values=EITHER.join(values), changes=_in_words(case, made))
        for made, values in changes.items()
    ]
    return case.text("missing.sentence", title=title, outcomes="; ".join(outcomes))


def _in_words(case: Case, changes: Changes) -> str:
    """Put changes into words; that a lock takes the category out of scope follows from it."""
    locks = any(to == "lock" for _, to in changes)
    shown = [change for change in changes if not (locks and change[0] == "category")]
    return " and ".join(_change_in_words(case, change) for change in shown)


def _change_in_words(case: Case, change: Change) -> str:
    conclusion, to = change
    kind, _, rule = conclusion.partition(":")
    becomes = _becomes(case, conclusion, to)
    if kind == "red_flag":
        return f"{rule} {case.text(f'missing.flag.{to}')}"
    if kind == "differential":
        title = case.rules.rules[rule].title
        return case.text("missing.differential", title=title, rule=rule, becomes=becomes)
    if kind == POSSIBLE:
        key = "missing.possible" if " " in to else "missing.possible_one"
        return case.text(key, possible=becomes)
    return case.text("missing.other", conclusion=kind, becomes=becomes)


def _becomes(case: Case, conclusion: str, to: str) -> str:
    kind = conclusion.partition(":")[0]
    if kind == "red_flag":
        return case.text(f"missing.becomes.{to}")
    if kind == "differential":
        return case.text(f"missing.becomes.{to}")
    return to.replace(" ", EITHER) if kind == POSSIBLE else to
