"""Refuses knowledge that loads but cannot be meant."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tools.rules.boundaries import uncovered_boundaries
from tools.rules.cases import KINDS, RuleCase, read_cases
from tools.rules.constant_conditions import constant_conditions
from tools.rules.shared_entries import HAZARDS, disagreements, hazard_faults, hazards_of

from rules.language.errors import KnowledgeError
from rules.language.facts import Fact, ListFact
from rules.language.model import Knowledge, Rule, RuleVersion
from rules.language.nodes import Use, walk
from rules.language.vocabulary import Vocabulary

BIBLIOGRAPHY = "bibliography.toml"
_SAME = ("label", "type", "home", "unit", "minimum", "maximum", "codes", "stays")


@dataclasses.dataclass(frozen=True)
class Finding:
    """One fault, and the file that has it."""

    file: str
    sentence: str

    def __str__(self) -> str:
        """Show as one line."""
        return f"{self.file}: {self.sentence}"


def lint(knowledge: Knowledge, cases_folder: Path) -> list[Finding]:
    """Look for what the loader cannot refuse.

    Unreachable values, contradictions, uses of rules that are not in force, sources that are
    unused or missing, hazards without a rule, rules without their three cases, thresholds with
    cases on one side only, case files without a rule.

    Args:
        knowledge: a set that loads.
        cases_folder: where the rules' cases are, with the rules' own file names.
    """
    findings = [*_conditions(knowledge), *_uses(knowledge), *_bibliography(knowledge)]
    findings += [Finding(HAZARDS, fault) for fault in hazard_faults(knowledge)]
    try:
        cases = read_cases(cases_folder, knowledge)
    except KnowledgeError as error:
        return [*findings, *(Finding(*problem.split(": ", 1)) for problem in error.problems)]
    boundaries = [Finding(*fault) for fault in uncovered_boundaries(knowledge, cases)]
    return [*findings, *_three_cases(knowledge, cases), *boundaries]


def lint_together(first: Knowledge, second: Knowledge) -> list[Finding]:
    """Look for sources and hazards that two services describe differently."""
    pairs = {
        BIBLIOGRAPHY: (first.bibliography, second.bibliography),
        HAZARDS: (hazards_of(first), hazards_of(second)),
    }
    return [
        Finding(file, sentence)
        for file, (own, other) in pairs.items()
        for sentence in disagreements(own, other)
    ]


def differences(copy: Vocabulary, owner: Vocabulary) -> list[Finding]:
    """Compare a copy of some facts with the vocabulary that owns them."""
    findings = list(_compared(copy.facts, owner.facts, "facts"))
    for name, entry in copy.lists.items():
        original = owner.lists.get(name)
        if original is None:
            findings.append(Finding("facts", f"the list {name} is not in the owner's vocabulary."))
        else:
            findings += _compared(entry.fields, original.fields, f"facts: list {name}")
            findings += _lists(entry, original)
    return findings


def _compared(copy: Mapping[str, Fact], owner: Mapping[str, Fact], place: str) -> Iterator[Finding]:
    for name, fact in copy.items():
        if name not in owner:
            yield Finding(place, f"{name} is not in the owner's vocabulary.")
            continue
        for key in _SAME:
            own, owners = getattr(fact, key), getattr(owner[name], key)
            if own != owners:
                yield Finding(place, f"{name} has {key} {own}, the owner's has {owners}.")


def _lists(copy: ListFact, owner: ListFact) -> Iterator[Finding]:
    for key in ("label", "section", "recorded", "count"):
        if getattr(copy, key) != getattr(owner, key):
            yield Finding("facts", f"the list {copy.name} has another {key} than the owner's.")


def _versions(knowledge: Knowledge) -> Iterator[tuple[Rule, RuleVersion]]:
    for rule in knowledge.rules.values():
        for version in rule.versions:
            yield rule, version


def _conditions(knowledge: Knowledge) -> Iterator[Finding]:
    for entry in knowledge.definitions.values():
        for sentence in constant_conditions(entry.condition, knowledge.vocabulary):
            yield Finding(entry.file, f"{sentence}.")
    for rule, version in _versions(knowledge):
        for sentence in constant_conditions(version.condition, knowledge.vocabulary):
            yield Finding(rule.file, f"from {version.start}: {sentence}.")


def _uses(knowledge: Knowledge) -> Iterator[Finding]:
    """Find rules that wait for a rule which is not in force when they start."""
    for rule, version in _versions(knowledge):
        for name in _rules_needed(knowledge, version) if rule.status != "draft" else ():
            if knowledge.rules[name].on(version.start) is None:
                yield Finding(rule.file, f"uses {name}, which is not in force on {version.start}.")


def _rules_needed(knowledge: Knowledge, version: RuleVersion) -> set[str]:
    """Name the rules that a version uses, through definitions too."""
    needed: set[str] = set()
    seen: set[str] = set()
    waiting = [version.condition]
    while waiting:
        for node in walk(waiting.pop()):
            if isinstance(node, Use) and node.kind == "rule":
                needed.add(node.id)
            elif isinstance(node, Use) and node.kind == "defined" and node.id not in seen:
                seen.add(node.id)
                waiting.append(knowledge.definitions[node.id].condition)
    return needed


def _bibliography(knowledge: Knowledge) -> Iterator[Finding]:
    """Find sources that nothing cites, and keys that no source has."""
    cited: dict[str, str] = {}
    for entry in knowledge.definitions.values():
        cited |= dict.fromkeys(entry.sources, entry.file)
    for rule, version in _versions(knowledge):
        cited |= dict.fromkeys((*version.sources, *_cited(version.then)), rule.file)
    for file, table in knowledge.other.items():
        cited |= dict.fromkeys(_cited(table), file)
    for key in sorted(set(knowledge.bibliography) - set(cited)):
        yield Finding(BIBLIOGRAPHY, f"nothing cites {key}.")
    for key in sorted(set(cited) - set(knowledge.bibliography)):
        yield Finding(cited[key], f"the bibliography has no entry {key}.")


def _cited(value: Any) -> Iterator[str]:
    """Visit every ``sources`` inside a value; actions and the service's own files cite too."""
    if isinstance(value, Mapping):
        yield from value.get("sources", ())
    if isinstance(value, Mapping | list):
        for part in value.values() if isinstance(value, Mapping) else value:
            yield from _cited(part)


def _three_cases(knowledge: Knowledge, cases: Iterable[RuleCase]) -> Iterator[Finding]:
    """Ask for a case that fires, one that just does not, and one with a needed fact unknown."""
    kinds: dict[str, set[str]] = {}
    for case in cases:
        rules = case.key[0] == "rule"
        owner = (knowledge.rules if rules else knowledge.definitions)[case.subject]
        if rules:
            kinds.setdefault(case.subject, set()).add(case.kind)
        if case.file != owner.file:
            yield Finding(case.file, f"holds a case of {owner.id}, which belongs in {owner.file}.")
    for rule in knowledge.rules.values():
        for kind in KINDS:
            if rule.status != "draft" and kind not in kinds.get(rule.id, set()):
                yield Finding(rule.file, f"has no case of kind {kind}.")
