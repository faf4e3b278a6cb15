"""Examinations that are due: asked for by a rule, by the screen, or by the decision list."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from diagnosis.judge.evaluated import Evaluated
from diagnosis.judge.likelihood import Likelihood
from diagnosis.judge.ruleset import TRUE, UNKNOWN, RulesInForce
from rules import Evaluation, RuleInForce

SCREEN = "red_flag_screen"


class Due(NamedTuple):
    """An examination that is due.

    Attributes:
        rule: Id of the rule that asks for it.
        examination: Its code.
        before_treatment: Whether it comes before anything is applied to a nodule.
        table: The entry of the decision list that asks for it; None if a rule or the screen does.
    """

    rule: str
    examination: str
    before_treatment: bool
    table: Mapping[str, Any] | None = None


def due_examinations(rules: RulesInForce, evaluated: Evaluated) -> list[Due]:
    """List the examinations that are due, unranked."""
    evaluation = evaluated.evaluation
    found = [_by_rule(rule) for rule in rules.examinations if _is_due(rules, evaluation, rule)]
    if not evaluated.screen.complete:
        found.append(Due(rules.screen_rule, SCREEN, before_treatment=True))
    named = {due.rule for due in found}
    by_list = _for_open_lines(rules, evaluation, evaluated.likelihood)
    return found + [due for due in by_list if due.rule not in named]


def _is_due(rules: RulesInForce, evaluation: Evaluation, rule: RuleInForce) -> bool:
    code = rules.code(evaluation, rule.id)
    return code == TRUE or (code == UNKNOWN and bool(rule.then.get("ask_when_unknown")))


def _by_rule(rule: RuleInForce) -> Due:
    before = bool(rule.then.get("before_treatment"))
    return Due(rule.id, rule.then["examination"], before_treatment=before)


def _for_open_lines(
    rules: RulesInForce, evaluation: Evaluation, likelihood: Likelihood
) -> list[Due]:
    """Ask for what the decision list could not decide; palpation first if it was not done."""
    wanted = {line.examination for line in likelihood.open_lines if line.examination}
    if rules.is_true(evaluation, rules.roles.palpation_missing):
        wanted = {"palpation"}
    if not wanted:
        return []
    tables = [table for table in tables_of_lines(rules, evaluation) if table["id"] in wanted]
    return [_for_line(rules, table) for table in tables]


def tables_of_lines(rules: RulesInForce, evaluation: Evaluation) -> list[dict[str, Any]]:
    """List what open lines can ask for; what was done in part is to be completed, not missing."""
    tables = []
    for table in rules.likelihood["examination"]:
        done = [t for t in table.get("recorded", ()) if rules.is_true(evaluation, t["when"])]
        tables.append({**table, **done[0]} if done else table)
    return tables


def _for_line(rules: RulesInForce, table: Mapping[str, Any]) -> Due:
    rule = rules.rules[table["rule"]]
    before = bool(rule.then.get("before_treatment"))
    return Due(rule.id, table["id"], before_treatment=before, table=table)
