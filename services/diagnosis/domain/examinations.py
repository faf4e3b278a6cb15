"""Next examinations: what to do next, in order, and what each would settle."""

from collections.abc import Mapping, Sequence
from typing import Any

from diagnosis.domain.likelihood import Likelihood
from diagnosis.domain.ranking import ranked
from diagnosis.domain.red_flags import strength
from diagnosis.domain.ruleset import TRUE, UNKNOWN, RulesInForce
from rules import Evaluation, RuleInForce


def describe_examinations(
    rules: RulesInForce,
    evaluation: Evaluation,
    likelihood: Likelihood,
    screen: dict[str, Any],
    missing: Sequence[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """List the next examinations: safety first, then what settles most, then the burden.

    Args:
        rules: the rules in force.
        evaluation: their verdicts, the derived facts included.
        likelihood: the answer whose open lines ask for examinations.
        screen: the screen as written, which comes first while it is incomplete.
        missing: the missing findings as written, with what each could change.
    """
    found = [_by_rule(rule) for rule in rules.examinations if _due(rules, evaluation, rule)]
    if not screen["complete"]:
        found.append(_ask_screen(screen))
    named = {entry["rule"] for entry in found}
    found += [
        entry
        for entry in _for_open_lines(rules, evaluation, likelihood)
        if entry["rule"] not in named
    ]
    return ranked(rules, found, missing)


def _due(rules: RulesInForce, evaluation: Evaluation, rule: RuleInForce) -> bool:
    code = rules.code(evaluation, rule.id)
    return code == TRUE or (code == UNKNOWN and bool(rule.then.get("ask_when_unknown")))


def _by_rule(rule: RuleInForce) -> dict[str, Any]:
    return {
        "rule": rule.id,
        "examination": rule.then["examination"],
        "title": rule.title,
        "because": rule.because,
        "settles": list(rule.then["settles"]),
        "before_treatment": bool(rule.then.get("before_treatment")),
        "strength": strength(rule),
        "sources": list(rule.sources),
    }


def _ask_screen(screen: dict[str, Any]) -> dict[str, Any]:
    open_items = [item for item in screen["items"] if item["state"] in {"not asked", "incomplete"}]
    return {
        "rule": "RFS-13",
        "examination": "red_flag_screen",
        "title": "Ask the red-flag questions that are missing",
        "because": f"The {screen['sentence']}; what was not asked is never taken as a no.",
        "settles": [item["asks"] for item in open_items] or ["Age"],
        "before_treatment": True,
        "strength": "project choice",
        "sources": sorted({key for item in open_items for key in item["sources"]}),
    }


def _for_open_lines(
    rules: RulesInForce, evaluation: Evaluation, likelihood: Likelihood
) -> list[dict[str, Any]]:
    """Ask for what the decision list could not decide; palpation first if it was not done."""
    wanted = {line.examination for line in likelihood.open_lines if line.examination}
    if rules.is_true(evaluation, "BC-01"):
        wanted = {"palpation"}
    tables = [table for table in _tables(rules, evaluation) if table["id"] in wanted]
    return [_for_line(rules, table, likelihood) for table in tables]


def _tables(rules: RulesInForce, evaluation: Evaluation) -> list[dict[str, Any]]:
    """List what open lines can ask for; what was done in part is to be completed, not missing."""
    tables = []
    for table in rules.likelihood["examination"]:
        done = [t for t in table.get("recorded", ()) if rules.is_true(evaluation, t["when"])]
        tables.append({**table, **done[0]} if done else table)
    return tables


def _for_line(rules: RulesInForce, table: dict[str, Any], likelihood: Likelihood) -> dict[str, Any]:
    rule = rules.rules[table["rule"]]
    lines = [line for line in likelihood.open_lines if line.examination == table["id"]]
    return {
        "rule": rule.id,
        "examination": table["id"],
        "title": table["title"],
        "because": rule.because,
        "settles": list(dict.fromkeys(line.settles for line in lines if line.settles)),
        "before_treatment": bool(rule.then.get("before_treatment")),
        "strength": strength(rule),
        "sources": list(rule.sources),
    }


def decided_by(
    rules: RulesInForce, evaluation: Evaluation, likelihood: Likelihood
) -> list[dict[str, str]]:
    """Say which examinations decide a provisional answer, and how."""
    titles = {table["id"]: table["title"] for table in _tables(rules, evaluation)}
    if rules.is_true(evaluation, "BC-01"):
        return [{"examination": titles["palpation"], "sentence": rules.rules["BC-01"].because}]
    found = {
        (titles[line.examination], line.settles): None
        for line in likelihood.open_lines
        if line.examination and line.settles
    }
    return [{"examination": title, "sentence": sentence} for title, sentence in found]
