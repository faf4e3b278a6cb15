"""Which recorded facts stand behind the facts that diagnosis computes for its rules."""

from collections.abc import Iterable
from typing import Final

from diagnosis.judge.ruleset import RulesInForce

Facts = frozenset[str]

_CARE: Final = frozenset({"treatments_given", "blocks", "contacts"})


def computed_from(rules: RulesInForce) -> dict[str, Facts]:
    """Map each computed fact to the facts that it rests on, directly or by further computing.

    Args:
        rules: the rules in force; the decision list, the screen and the flags are read from them.
    """
    flags = _of_rules(rules, [flag.rule.id for flag in rules.flags])
    grades = [grade.when for flag in rules.flags for grade in flag.grades if grade.when]
    stops = flags | _of_definitions(rules, grades)
    return {
        "body_mass_index": frozenset({"height_cm", "weight_kg"}),
        "undone_imaging_shows_fat": frozenset(),
        "screen_complete": screen_facts(rules),
        "red_flag_active": flags,
        "red_flag_stops": stops,
        "competitor_found": _of_definitions(rules, [rules.roles.competing]),
        "likelihood": _decision_list(rules),
        "judged_treatments": _CARE,
        "visits_between": _CARE,
        "ended_reliefs": _CARE,
    }


def screen_facts(rules: RulesInForce) -> Facts:
    """Name the facts that the red-flag screen asks for, or looks at to know what to ask."""
    found = {"age_years"}
    for item in rules.screen:
        found |= {*item.get("needs", ()), *item.get("or_fact", {}).values()}
        found |= {f"nodules[].{field}" for field in item.get("each_nodule", ())}
        found |= {"investigations", "labs"} if item.get("results") else set()
        asked = [more["when"] for more in item.get("needs_when", ())]
        found |= _of_definitions(rules, [item["positive"], *asked])
        found |= {name for more in item.get("needs_when", ()) for name in more["needs"]}
    return frozenset(found)


def _decision_list(rules: RulesInForce) -> Facts:
    names = [*rules.lowering.nodule, *rules.lowering.without_nodule]
    for line in (*rules.lines, *rules.lines_without_nodule):
        names += [*line.when, *line.when_recorded]
    return _of_rules(rules, names) | _of_definitions(rules, names)


def _of_rules(rules: RulesInForce, names: Iterable[str]) -> Facts:
    return frozenset().union(*(rules.compiled.facts_of(name) for name in names))


def _of_definitions(rules: RulesInForce, names: Iterable[str]) -> Facts:
    return frozenset().union(*(rules.compiled.facts_of_definition(name) for name in names))
