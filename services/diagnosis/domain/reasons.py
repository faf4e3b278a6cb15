"""Reasons for and against, each with the rule that it belongs to."""

from typing import Any

from diagnosis.domain.likelihood import Likelihood, shown_nodule
from diagnosis.domain.naming import nodule_of_several
from diagnosis.domain.red_flags import notes, strength
from diagnosis.domain.ruleset import TRUE, RulesInForce
from rules import Evaluation, RuleInForce

SIDES = ("for", "against", "neutral")


def describe_reasons(
    rules: RulesInForce, evaluation: Evaluation, likelihood: Likelihood
) -> dict[str, Any]:
    """Write what speaks for and against a back mouse, and what does neither.

    The single findings come first, then the criteria that are met. Competing differentials speak
    against by name. Each nodule is judged alone: what is said of one is said of the one that the
    case shows, and names it where there are several.
    """
    told = _Told(rules, evaluation, shown_nodule(rules, evaluation, likelihood))
    found: dict[str, list[dict[str, Any]]] = {side: [] for side in SIDES}
    for reason in rules.reasons:
        if told.holds(reason["when"]):
            sentence = told.named(reason["when"], reason["sentence"])
            found[reason["side"]].append(_reason(rules.rules[reason["rule"]], sentence))
    for rule in rules.criteria:
        found[rule.then["side"]] += [
            _reason(rule, sentence)
            for one in told.tellers(rule)
            for sentence in one.criterion(rule)
        ]
    for name in rules.competitors:
        if rules.is_true(evaluation, name):
            rule = rules.rules[name]
            found["against"].append(_reason(rule, f"Another explanation fits: {rule.title}."))
    return found


class _Told:
    """A judged case, and the nodule of it that is told of; None if none is listed."""

    def __init__(self, rules: RulesInForce, evaluation: Evaluation, nodule: int | None) -> None:
        self._rules, self._evaluation, self.nodule = rules, evaluation, nodule

    def tellers(self, rule: RuleInForce) -> list["_Told"]:
        """Ask of every nodule what lowers it: a block that did not help is told of wherever."""
        if self.nodule is None or not rule.then.get("lowers"):
            return [self]
        listed = range(len(self._evaluation.facts["nodules"]))
        return [_Told(self._rules, self._evaluation, position) for position in listed]

    def criterion(self, rule: RuleInForce) -> list[str]:
        """Say a criterion that is met; of one nodule perhaps less than the whole is asked."""
        name = rule.id if self.nodule is None else str(rule.then.get("of_nodule", rule.id))
        if not self.holds(name):
            return []
        more = notes(self._rules, self._evaluation, rule.then, self.nodule)
        return [self.named(name, " ".join([rule.because, *more]))]

    def holds(self, name: str) -> bool:
        """Whether a rule or definition is certainly true of the nodule, or of the whole case."""
        return self._rules.code(self._evaluation, name, self.nodule) == TRUE

    def named(self, name: str, sentence: str) -> str:
        """Begin a sentence about one of several nodules with its name."""
        if self.nodule is None or not self._rules.over_nodules(name):
            return sentence
        facts = self._evaluation.facts
        said = nodule_of_several(self._rules, facts, facts["nodules"][self.nodule])
        return f"{said[0].upper()}{said[1:]}: {sentence}" if said else sentence


def _reason(rule: RuleInForce, sentence: str) -> dict[str, Any]:
    return {
        "rule": rule.id,
        "sentence": sentence,
        "strength": strength(rule),
        "sources": list(rule.sources),
    }
