"""Differentials: what else fits, and what points somewhere but needs examining."""

from typing import Any

from diagnosis.domain.naming import readable
from diagnosis.domain.red_flags import notes, strength
from diagnosis.domain.ruleset import TRUE, UNKNOWN, RulesInForce
from rules import Evaluation, RuleInForce


def differential_states(rules: RulesInForce, evaluation: Evaluation) -> dict[str, str]:
    """Map the differentials to show to ``listed`` or ``to_examine``, unranked."""
    states = {}
    for rule in rules.differentials:
        code = rules.code(evaluation, rule.id)
        if code == TRUE:
            states[rule.id] = "listed"
        elif _points(rules, evaluation, rule, code):
            states[rule.id] = "to_examine"
    return states


def _points(rules: RulesInForce, evaluation: Evaluation, rule: RuleInForce, code: int) -> bool:
    """Whether a specific finding points there, and what is missing speaks neither way."""
    if code == UNKNOWN:
        return rules.is_true(evaluation, rule.then["pointer"])
    if "to_examine_when" not in rule.then:
        return False
    return rules.is_true(evaluation, rule.then["to_examine_when"]) and not rules.is_true(
        evaluation, rule.then["unless"]
    )


def describe_differentials(
    rules: RulesInForce, evaluation: Evaluation, states: dict[str, str]
) -> list[dict[str, Any]]:
    """Write the differentials in order: those that fit before those to examine."""
    ranked = sorted(states, key=lambda name: _rank(rules, evaluation, name, states[name]))
    return [
        _differential(rules, evaluation, rules.rules[name], states[name], place)
        for place, name in enumerate(ranked, 1)
    ]


def _rank(
    rules: RulesInForce, evaluation: Evaluation, name: str, state: str
) -> tuple[bool, bool, int, str]:
    then = rules.rules[name].then
    first = "first_when" in then and rules.is_true(evaluation, then["first_when"])
    return state != "listed", not first, then["rank"], name


def _differential(
    rules: RulesInForce, evaluation: Evaluation, rule: RuleInForce, state: str, place: int
) -> dict[str, Any]:
    missing = (
        rules.compiled.undecided_facts(evaluation, of=[rule.id]) if state == "to_examine" else ()
    )
    return {
        "rank": place,
        "rule": rule.id,
        "name": rule.title,
        "state": state,
        "competing": state == "listed" and bool(rule.then["competes"]),
        "because": rule.because if state == "listed" else _pointer(rules, rule),
        "notes": notes(rules, evaluation, rule.then) if state == "listed" else [],
        "strength": strength(rule),
        "project_choice": rule.project_choice,
        "sources": list(rule.sources),
        "missing": readable(rules, evaluation.facts, missing),
    }


def _pointer(rules: RulesInForce, rule: RuleInForce) -> str:
    definition = rules.ruleset.knowledge.definitions[rule.then["pointer"]]
    return f"{definition.because} More is needed before it can be said to fit."
