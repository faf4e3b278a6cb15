"""Differentials in the document: what else fits, and what points somewhere."""

from typing import Any

from diagnosis.judge.differentials import competes, differential_states
from diagnosis.judge.names import readable
from diagnosis.write.case import Case
from diagnosis.write.red_flags import notes, strength
from rules import RuleInForce


def describe_differentials(case: Case) -> list[dict[str, Any]]:
    """Write the differentials in order: those that fit before those to examine."""
    states = differential_states(case.rules, case.evaluation)
    return [
        _differential(case, case.rules.rules[name], state, place)
        for place, (name, state) in enumerate(states.items(), 1)
    ]


def _differential(case: Case, rule: RuleInForce, state: str, place: int) -> dict[str, Any]:
    rules, listed = case.rules, state == "listed"
    missing = () if listed else rules.compiled.undecided_facts(case.evaluation, of=[rule.id])
    return {
        "rank": place,
        "rule": rule.id,
        "name": rule.title,
        "state": state,
        "competing": competes(rule, state),
        "because": rule.because if listed else _pointer(case, rule),
        "notes": notes(case, rule.then) if listed else [],
        "strength": strength(rule),
        "project_choice": rule.project_choice,
        "sources": list(rule.sources),
        "missing": readable(rules, case.facts, missing),
    }


def _pointer(case: Case, rule: RuleInForce) -> str:
    definition = case.rules.ruleset.knowledge.definitions[rule.then["pointer"]]
    return case.text("differentials.to_examine", pointer=definition.because)
