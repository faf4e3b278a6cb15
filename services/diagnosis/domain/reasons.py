"""Reasons for and against, each with the rule that it belongs to."""

from typing import Any

from chassis.knowledge import Evaluation, RuleInForce
from diagnosis.domain.red_flags import notes, strength
from diagnosis.domain.ruleset import RulesInForce

SIDES = ("for", "against", "neutral")


def describe_reasons(rules: RulesInForce, evaluation: Evaluation) -> dict[str, Any]:
    """Write what speaks for and against a back mouse, and what does neither.

    The single findings come first, then the criteria that are met. Competing differentials speak
    against by name.
    """
    found: dict[str, list[dict[str, Any]]] = {side: [] for side in SIDES}
    for reason in rules.reasons:
        if rules.is_true(evaluation, reason["when"]):
            rule = rules.rules[reason["rule"]]
            found[reason["side"]].append(_reason(rule, reason["sentence"]))
    for rule in rules.criteria:
        if rules.is_true(evaluation, rule.id):
            sentence = " ".join([rule.because, *notes(rules, evaluation, rule.then)])
            found[rule.then["side"]].append(_reason(rule, sentence))
    for name in rules.competitors:
        if rules.is_true(evaluation, name):
            rule = rules.rules[name]
            found["against"].append(_reason(rule, f"Another explanation fits: {rule.title}."))
    return found


def _reason(rule: RuleInForce, sentence: str) -> dict[str, Any]:
    return {
        "rule": rule.id,
        "sentence": sentence,
        "strength": strength(rule),
        "sources": list(rule.sources),
    }
