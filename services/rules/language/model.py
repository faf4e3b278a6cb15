"""What a knowledge folder says: rules with their versions, definitions and the bibliography."""

import dataclasses
import datetime as dt
import functools
import hashlib
from collections.abc import Mapping
from typing import Any

from rules.language.canonical import canonical
from rules.language.nodes import Node
from rules.language.vocabulary import Vocabulary


@dataclasses.dataclass(frozen=True)
class RuleInForce:
    """One rule as it stands on a date."""

    id: str
    title: str
    over: str | None
    start: dt.date
    end: dt.date | None
    strength: str
    strength_note: str | None
    project_choice: str | None
    because: str
    sources: tuple[str, ...]
    then: Mapping[str, Any]
    condition: Node


@dataclasses.dataclass(frozen=True)
class RuleVersion:
    """A rule as it stands from one date until another (exclusive; None is until further notice)."""

    start: dt.date
    end: dt.date | None
    strength: str
    because: str
    sources: tuple[str, ...]
    when: Mapping[str, Any]
    then: Mapping[str, Any]
    condition: Node
    strength_note: str | None = None
    project_choice: str | None = None

    def covers(self, on: dt.date) -> bool:
        """Whether this version is in force on that date."""
        return self.start <= on and (self.end is None or on < self.end)


@dataclasses.dataclass(frozen=True)
class Rule:
    """One rule and all its versions, oldest first; ``file`` is relative to the knowledge folder."""

    id: str
    title: str
    status: str
    over: str | None
    versions: tuple[RuleVersion, ...]
    file: str
    table: Mapping[str, Any] = dataclasses.field(compare=False, repr=False)

    def on(self, date: dt.date) -> RuleVersion | None:
        """Find the version in force; a draft never is."""
        if self.status == "draft":
            return None
        return next((version for version in self.versions if version.covers(date)), None)


@dataclasses.dataclass(frozen=True)
class Definition:
    """A condition with a name, for use in several rules."""

    id: str
    over: str | None
    because: str
    sources: tuple[str, ...]
    condition: Node
    file: str
    table: Mapping[str, Any] = dataclasses.field(compare=False, repr=False)


@dataclasses.dataclass(frozen=True, eq=False)
class Knowledge:
    """A whole set, checked.

    Attributes:
        version: the set's own version.
        metadata: ``ruleset.toml`` as written.
        rules: by id, in id order.
        definitions: by id.
        bibliography: key -> entry, as written.
        other: the service's own files, as written, by file name.
        external: ids of rules that are decided elsewhere.
    """

    version: str
    metadata: Mapping[str, Any]
    rules: Mapping[str, Rule]
    definitions: Mapping[str, Definition]
    bibliography: Mapping[str, Mapping[str, Any]]
    other: Mapping[str, Mapping[str, Any]]
    external: frozenset[str]
    vocabulary: Vocabulary

    def rule_named(self, rule_id: str) -> Rule | None:
        """The rule with this id, spelled in any case; None if there is none."""
        by_id = self.rules.get(rule_id)
        folded = rule_id.casefold()
        matching = (rule for name, rule in self.rules.items() if name.casefold() == folded)
        return by_id or next(matching, None)

    def content(self) -> dict[str, Any]:
        """All content as JSON values, for storing and comparing."""
        return {
            "ruleset": dict(self.metadata),
            "rules": {rule.file: rule.table for rule in self.rules.values()},
            "definitions": {entry.file: entry.table for entry in self.definitions.values()},
            "bibliography": dict(self.bibliography),
            "other": dict(self.other),
            "external": sorted(self.external),
            "vocabulary": self.vocabulary.tables,
        }

    def canonical(self) -> bytes:
        """The full text of the set; equal content gives equal bytes, whatever its layout was."""
        return canonical(self.content())

    @functools.cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical text."""
        return hashlib.sha256(self.canonical()).hexdigest()

    @property
    def first_date(self) -> dt.date | None:
        """The first day on which any rule is in force."""
        starts = [
            version.start
            for rule in self.rules.values()
            if rule.status != "draft"
            for version in rule.versions
        ]
        return min(starts, default=None)

    def versions_on(self, on: dt.date) -> dict[str, RuleVersion]:
        """Find the versions in force on a date, by rule id."""
        versions = {name: rule.on(on) for name, rule in self.rules.items()}
        return {name: version for name, version in versions.items() if version}

    def rules_on(self, on: dt.date) -> list[RuleInForce]:
        """List the rules in force on a date, in id order."""
        return [
            _in_force(self.rules[name], version) for name, version in self.versions_on(on).items()
        ]


def _in_force(rule: Rule, version: RuleVersion) -> RuleInForce:
    return RuleInForce(
        id=rule.id,
        title=rule.title,
        over=rule.over,
        start=version.start,
        end=version.end,
        strength=version.strength,
        strength_note=version.strength_note,
        project_choice=version.project_choice,
        because=version.because,
        sources=version.sources,
        then=version.then,
        condition=version.condition,
    )
