"""The label of a rule: what it is for, for whom, on what it rests, and where its limits are.

What holds for a whole set stands in ``ruleset.toml``; a rule may say it for itself in a table of
the same name::

    [label]
    developer = "..."
    funding = "none"
    intended_use = "..."
    intended_users = "..."
    population = "..."
    limits = ["..."]
    [label.grades]                  # what a strength means, in words
    weak = "case series"
    [label.attributes]              # which facts tell of what; an empty list: none is recorded
    race = []
    age = ["age_years"]
    [label.through]                 # a computed fact that may rest on them, decided elsewhere
    likelihood_told = ["age"]
"""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Self

from rules.catalogue.sources import citation
from rules.in_force import in_force
from rules.language.model import Knowledge, Rule, RuleVersion
from rules.language.references import definitions_of, rules_of
from rules.language.words import in_words, names_of

SET_KEYS: Final = frozenset(
    {"developer", "funding", "intended_use", "intended_users", "population", "limits"}
    | {"grades", "attributes", "through"}
)
RULE_KEYS: Final = frozenset({"intended_use", "population", "limits", "grade"})
From = Mapping[str, frozenset[str]]


def faults(knowledge: Knowledge) -> Iterator[str]:
    """Say what is wrong with the labels of a set."""
    label = knowledge.metadata.get("label", {})
    for key in sorted(SET_KEYS - set(label)):
        yield f"ruleset.toml: label.{key} is missing."
    for key in sorted(set(label) - SET_KEYS):
        yield f"ruleset.toml: label: there is no setting called {key}."
    known = set(knowledge.vocabulary.names())
    for attribute, names in label.get("attributes", {}).items():
        for name in set(names) - known:
            yield f"ruleset.toml: label.attributes.{attribute}: there is no finding called {name}."
    for rule in knowledge.rules.values():
        for key in sorted(set(rule.table.get("label", {})) - RULE_KEYS):
            yield f"{rule.file}: label: there is no setting called {key}."


@dataclasses.dataclass(frozen=True)
class RestsOn:
    """What a rule rests on, directly or through others.

    Attributes:
        definitions: ids.
        rules: ids, those decided elsewhere too.
        facts: names, those that the service computes too.
    """

    definitions: Sequence[str]
    rules: Sequence[str]
    facts: frozenset[str]

    @classmethod
    def of(cls, knowledge: Knowledge, rule: Rule) -> Self:
        """Find it, for the newest version; a draft is read by nobody, and reads nothing."""
        definitions, rules = definitions_of(knowledge, rule), rules_of(knowledge, rule)
        if rule.status == "draft":
            return cls(definitions, rules, frozenset())
        compiled = in_force(knowledge, rule.versions[-1].start)
        facts = [compiled.facts_of(name) for name in (rule.id, *rules)]
        facts += [compiled.facts_of_definition(name) for name in definitions]
        return cls(definitions, rules, frozenset().union(*facts))


def label(
    knowledge: Knowledge, rule: Rule, rests_on: RestsOn, computed_from: From
) -> dict[str, Any]:
    """Write the label of a rule.

    Args:
        knowledge: the set that holds it.
        rule: the rule.
        rests_on: what it rests on.
        computed_from: for each fact that the service computes, the recorded facts it rests on.
    """
    own, common = rule.table.get("label", {}), knowledge.metadata.get("label", {})
    newest = rule.versions[-1]
    return {
        "intended_use": own.get("intended_use") or common.get("intended_use"),
        "intended_users": common.get("intended_users"),
        "population": own.get("population") or common.get("population"),
        "evidence_grade": _grade(newest, own, common.get("grades", {})),
        "limits": [*own.get("limits", ()), *common.get("limits", ())],
        "hazards": hazards(knowledge, rule.id),
        "source_attributes": _attributes(knowledge, rule, rests_on.facts, computed_from),
    }


def hazards(knowledge: Knowledge, rule_id: str) -> list[dict[str, Any]]:
    """List the hazards that a rule controls."""
    return [
        {"id": name, "title": entry["title"], "why": entry["why"], "shown_by": entry["shown_by"]}
        for name, entry in knowledge.other.get("hazards.toml", {}).items()
        if rule_id in entry["rules"]
    ]


def readable_version(knowledge: Knowledge, version: RuleVersion) -> dict[str, Any]:
    """Write one version as it is served: in words as well as in data."""
    return {
        "in_force": dates(version),
        "strength": version.strength,
        "strength_note": version.strength_note,
        "project_choice": version.project_choice,
        "because": version.because,
        "sources": list(version.sources),
        "in_words": in_words(version.condition, knowledge.vocabulary, names_of(knowledge)),
        "when": dict(version.when),
        "then": dict(version.then),
    }


def dates(version: RuleVersion) -> dict[str, str | None]:
    """Write from when until when a version is in force; no end is until further notice."""
    until = version.end.isoformat() if version.end else None
    return {"from": version.start.isoformat(), "to": until}


def readable_definitions(knowledge: Knowledge, names: Iterable[str]) -> list[dict[str, Any]]:
    """Write definitions as they are served."""
    named = names_of(knowledge)
    return [
        {
            "id": entry.id,
            "because": entry.because,
            "in_words": in_words(entry.condition, knowledge.vocabulary, named),
            "sources": list(entry.sources),
            "project_choice": entry.table.get("project_choice"),
        }
        for entry in (knowledge.definitions[name] for name in names)
    ]


def citations(
    knowledge: Knowledge, rule: Rule, definitions: Iterable[str]
) -> dict[str, dict[str, Any]]:
    """Give every source of a rule and of its definitions in full, by key."""
    keys = {key for version in rule.versions for key in version.sources}
    keys |= {key for name in definitions for key in knowledge.definitions[name].sources}
    return {key: citation(knowledge.bibliography[key]) for key in sorted(keys)}


def recorded(facts: frozenset[str], computed_from: From) -> frozenset[str]:
    """Replace computed facts by the recorded ones that they rest on."""
    recorded_facts: set[str] = set()
    waiting, seen = set(facts), set[str]()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        source = computed_from.get(name, computed_from.get(general(name)))
        if source is None:
            recorded_facts.add(name)
        else:
            waiting |= source - seen
    return frozenset(recorded_facts)


def general(name: str) -> str:
    """Name the fact or list that a member or field belongs to."""
    return name.partition("[")[0].partition(".")[0]


def _grade(
    version: RuleVersion, own: Mapping[str, Any], grades: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "strength": version.strength,
        "note": version.strength_note,
        "meaning": own.get("grade") or grades.get(version.strength),
        "project_choice": version.project_choice,
    }


def _attributes(
    knowledge: Knowledge, rule: Rule, facts: frozenset[str], computed_from: From
) -> dict[str, Any]:
    """Write the source attributes of evidence-based decision support (45 CFR 170.315(b)(11))."""
    common = knowledge.metadata.get("label", {})
    starts = sorted(version.start.isoformat() for version in rule.versions)
    keys = sorted({key for version in rule.versions for key in version.sources})
    return {
        "developer": common.get("developer"),
        "funding": common.get("funding"),
        "citations": [citation(knowledge.bibliography[key])["text"] for key in keys],
        "release_date": starts[0],
        "revision_dates": starts[1:],
        "uses": _uses(common, facts, computed_from),
    }


def _uses(common: Mapping[str, Any], facts: frozenset[str], computed_from: From) -> dict[str, Any]:
    """Say of each attribute of a person whether it is used, and by which facts."""
    read = recorded(facts, computed_from)
    through = common.get("through", {})
    return {
        attribute: _use(
            sorted(name for name in read if name in names or general(name) in names),
            sorted(name for name in facts if attribute in through.get(general(name), ())),
            recorded_at_all=bool(names),
        )
        for attribute, names in common.get("attributes", {}).items()
    }


def _use(facts: list[str], through: list[str], *, recorded_at_all: bool) -> dict[str, Any]:
    return {
        "used": bool(facts or through),
        "facts": facts,
        "through": through,
        "recorded": recorded_at_all or bool(through),
    }
