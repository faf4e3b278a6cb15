"""Reasons for and against, each with the rule that it belongs to."""

from typing import Any

from diagnosis.judge.likelihood import shown_nodule
from diagnosis.write.case import Case
from diagnosis.write.naming import nodule_of_several
from diagnosis.write.red_flags import notes, strength
from rules import RuleInForce

SIDES = ("for", "against", "neutral")


def describe_reasons(case: Case) -> dict[str, Any]:
    """Write what speaks for and against a back mouse, and what does neither.

    The single findings come first, then the criteria that are met. Competing differentials speak
    against by name. Each nodule is judged alone: what is written of one is of the one that the
    case shows, and names it where there are several.
    """
    rules = case.rules
    shown = shown_nodule(rules, case.evaluation, case.evaluated.likelihood)
    found: dict[str, list[dict[str, Any]]] = {side: [] for side in SIDES}
    for reason in rules.reasons:
        if case.is_true(reason["when"], shown):
            sentence = _named(case, shown, reason["when"], reason["sentence"])
            found[reason["side"]].append(_reason(rules.rules[reason["rule"]], sentence))
    for rule in rules.criteria:
        found[rule.then["side"]] += [
            _reason(rule, sentence)
            for nodule in _nodules(case, rule, shown)
            for sentence in _criterion(case, rule, nodule)
        ]
    for name in rules.competitors:
        if case.is_true(name):
            rule = rules.rules[name]
            found["against"].append(
                _reason(rule, case.text("reasons.competitor", title=rule.title))
            )
    return found


def _nodules(case: Case, rule: RuleInForce, shown: int | None) -> list[int | None]:
    """Choose the nodules that a criterion is written of: what lowers, of every nodule."""
    if shown is None or not rule.then.get("lowers"):
        return [shown]
    return list(range(len(case.facts["nodules"])))


def _criterion(case: Case, rule: RuleInForce, nodule: int | None) -> list[str]:
    """Write a criterion that is met; of one nodule perhaps less than the whole is asked."""
    name = rule.id if nodule is None else str(rule.then.get("of_nodule", rule.id))
    if not case.is_true(name, nodule):
        return []
    more = notes(case, rule.then, nodule)
    return [_named(case, nodule, name, " ".join([rule.because, *more]))]


def _named(case: Case, nodule: int | None, name: str, sentence: str) -> str:
    """Begin a sentence about one of several nodules with its name."""
    if nodule is None or not case.rules.over_nodules(name):
        return sentence
    title = nodule_of_several(case, case.facts["nodules"][nodule])
    return f"{title[0].upper()}{title[1:]}: {sentence}" if title else sentence


def _reason(rule: RuleInForce, sentence: str) -> dict[str, Any]:
    return {
        "rule": rule.id,
        "sentence": sentence,
        "strength": strength(rule),
        "sources": list(rule.sources),
    }
