"""What speaks for and against a back mouse, as codes, the strongest first."""

from collections.abc import Mapping
from typing import Any

from diagnosis.judge.decision import Reason
from diagnosis.judge.ruleset import TRUE, RulesInForce
from rules import Evaluation

MOST_OF_A_SIDE = 3


def reasons(rules: RulesInForce, evaluation: Evaluation, nodule: int | None) -> tuple[Reason, ...]:
    """List at most three reasons for and three against.

    Args:
        rules: the rules in force.
        evaluation: their verdicts.
        nodule: position of the nodule that the case shows; None if none is listed.
    """
    found: dict[str, list[Reason]] = {"for": [], "against": []}
    for entry in rules.brief_reasons:
        chosen = found[entry["side"]]
        if entry["code"] == rules.roles.competing:  # each of them is named
            chosen += _competitors(rules, evaluation)
        elif len(chosen) < MOST_OF_A_SIDE and rules.code(evaluation, entry["code"], nodule) == TRUE:
            chosen.append(_reason(evaluation, entry, nodule))
    return (*found["for"], *found["against"][:MOST_OF_A_SIDE])


def _competitors(rules: RulesInForce, evaluation: Evaluation) -> list[Reason]:
    return [
        Reason(side="against", code=name, rule=name, facts=())
        for name in rules.competitors
        if rules.is_true(evaluation, name)
    ]


def _reason(evaluation: Evaluation, entry: Mapping[str, Any], nodule: int | None) -> Reason:
    return Reason(
        side=entry["side"],
        code=entry["code"],
        rule=entry["rule"],
        facts=tuple(_facts(evaluation, entry.get("facts", ()), nodule)),
    )


def _facts(evaluation: Evaluation, names: tuple[str, ...], nodule: int | None) -> list[str]:
    """Spell the facts of a reason; those of the shown nodule by its id."""
    facts = evaluation.facts
    spelled = []
    for name in names:
        owner, of_list, field = name.partition("[].")
        if not of_list:
            spelled += [name] if facts.get(name) is not None else []
        elif nodule is not None:
            identity = facts["nodules"][nodule]["id"]
            spelled += _of_nodule(facts, owner, field, identity)
    return spelled


def _of_nodule(facts: Mapping[str, Any], owner: str, field: str, identity: str) -> list[str]:
    """Spell a field of the nodule itself, or of the newest element that is tied to it."""
    key = "id" if owner == "nodules" else "nodule_id"
    for at in range(len(facts.get(owner, ())) - 1, -1, -1):
        element = facts[owner][at]
        if element.get(key) == identity and element.get(field) is not None:
            return [f"{owner}[{element.get('id', at)}].{field}"]
    return []
