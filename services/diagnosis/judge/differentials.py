"""Differentials: what else fits, and what points somewhere but needs examining."""

from diagnosis.judge.ruleset import TRUE, UNKNOWN, RulesInForce
from rules import Evaluation, RuleInForce


def differential_states(rules: RulesInForce, evaluation: Evaluation) -> dict[str, str]:
    """Map the differentials to ``listed`` or ``to_examine``, those that fit first, by rank."""
    states: dict[str, str] = {}
    for rule in rules.differentials:
        code = rules.code(evaluation, rule.id)
        if code == TRUE:
            states[rule.id] = "listed"
        elif _points(rules, evaluation, rule, code):
            states[rule.id] = "to_examine"
    ranked = sorted(states, key=lambda name: _rank(rules, evaluation, name, states[name]))
    return {name: states[name] for name in ranked}


def competes(rule: RuleInForce, state: str) -> bool:
    """Tell whether a differential explains the pain instead of a back mouse."""
    return state == "listed" and bool(rule.then["competes"])


def _points(rules: RulesInForce, evaluation: Evaluation, rule: RuleInForce, code: int) -> bool:
    """Tell whether a specific finding points there, and what is missing speaks neither way."""
    if code == UNKNOWN:
        return rules.is_true(evaluation, rule.then["pointer"])
    if "to_examine_when" not in rule.then:
        return False
    return rules.is_true(evaluation, rule.then["to_examine_when"]) and not rules.is_true(
        evaluation, rule.then["unless"]
    )


def _rank(
    rules: RulesInForce, evaluation: Evaluation, name: str, state: str
) -> tuple[bool, bool, int, str]:
    then = rules.rules[name].then
    first = "first_when" in then and rules.is_true(evaluation, then["first_when"])
    return state != "listed", not first, then["rank"], name
