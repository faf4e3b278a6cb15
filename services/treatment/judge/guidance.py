"""What a clinician has written: rules, definitions, treatments and the order of steps."""

import datetime as dt
import functools
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal

from rules import (
    Knowledge,
    Rule,
    RuleInForce,
    View,
    Vocabulary,
    WhatIfRules,
    load,
)
from rules import in_force as rules_in_force
from rules.engine.kleene import CODE
from rules.what_if.views import picker
from treatment.judge.checks import check_then, sign_of
from treatment.judge.effects import BLOCK, Effect, Needs, Standing, effect_of
from treatment.judge.roles import Roles, read_roles

FOLDER: Final = Path(__file__).parents[1] / "knowledge"
EVALUATOR: Final = "treatment 1"
HOLD: Final = "hold"

_DERIVED: Final = "derived.toml"
_DOSING: Final = "dosing.toml"
_ROLES: Final = "roles.toml"
_QUESTIONS: Final = "questions.toml"
_OTHER: Final = (
    _DERIVED,
    _DOSING,
    _ROLES,
    "hazards.toml",
    "modalities.toml",
    _QUESTIONS,
    "steps.toml",
    "referrals.toml",
)


@dataclass(frozen=True)
class Modality:
    """One treatment: what must be true, and what must be answered, before it is offered.

    Attributes:
        kind: `needle`, `energy`, `manual` or `surgery`.
        when_clear: Its status when nothing stands against it: `offered` or `optional_unproven`.
        gates: Definitions or rules that must be true, the most important first.
        contraindications: Rules that must be answered and must not forbid it.
    """

    code: str
    title: str
    kind: str
    when_clear: Literal["offered", "optional_unproven"]
    gates: tuple[str, ...]
    contraindications: tuple[str, ...]
    evidence: str
    sources: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """One line of the order of steps; see `steps.toml` for the words."""

    name: str
    when: str
    code: str
    title: str
    outcome: Literal["recommended", "withheld"]
    urgency: Literal["emergency", "same_day", "urgent", "routine"]
    holds: bool = True
    because: tuple[str, ...] = ()
    unless_refused: tuple[str, ...] = ()
    needs_offer: tuple[str, ...] = ()
    waiting: str | None = None
    waiting_code: str | None = None


@dataclass(frozen=True)
class Topic:
    """What unanswered findings have in common; see `questions.toml` for the words."""

    name: str
    facts: tuple[str, ...]


Reader = Callable[[Sequence[Any]], tuple[Any, ...]]


@dataclass(frozen=True, eq=False)
class Guidance:
    """The guidance in force on one date.

    Attributes:
        knowledge: The whole set, with its digest.
        compiled: The rules in force.
        rules: Those rules by id.
        modalities: Treatments in the order in which a plan shows them.
        lines: The order of steps; the first line that holds stands.
        roles: Which rule plays which part.
        topics: Which unanswered findings are asked for together.
    """

    knowledge: Knowledge
    compiled: WhatIfRules
    rules: Mapping[str, RuleInForce]
    modalities: tuple[Modality, ...]
    lines: tuple[Line, ...]
    roles: Roles
    topics: tuple[Topic, ...]

    @property
    def named(self) -> dict[str, str]:
        """Which guidance this is, as every plan says."""
        knowledge = self.knowledge
        return {
            "version": knowledge.version,
            "sha256": knowledge.digest,
            "evaluator": EVALUATOR,
        }

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Where the verdict of each rule and definition stands in an evaluation."""
        return {name: self.compiled.place(kind, name) for kind, name in self.compiled.units}

    @cached_property
    def watched(self) -> tuple[str, ...]:
        """The rules and definitions whose missing findings a plan tells."""
        names = {rule for one in self.modalities for rule in one.contraindications}
        names |= {gate for one in self.modalities for gate in one.gates}
        return tuple(sorted(names | {*self.roles.steps, self.roles.block}))

    @cached_property
    def signs(self) -> Mapping[str, int]:
        """For each sign that can be new, the fact of the revision before, and its definition."""
        named = ((name, sign_of(name)) for name in self.compiled.vocabulary.facts)
        return {name: self.places[sign] for name, sign in named if sign}

    @property
    def dosing(self) -> Mapping[str, Any]:
        """Which weight a dose is held against."""
        table: Mapping[str, Any] = self.knowledge.other[_DOSING]
        return table

    @cached_property
    def line_places(self) -> tuple[tuple[Line, int, int], ...]:
        """Where the verdict of each line stands, and what it must be; those not in force drop."""
        return tuple(
            (line, self.places[line.when], CODE[line.holds])
            for line in self.lines
            if line.when in self.places
        )

    @cached_property
    def view(self) -> View:
        """What decides on treatments, on the step and on a block, to be looked at together."""
        names = {self.roles.lock, HOLD, self.roles.block, *(line.when for line in self.lines)}
        for modality in self.modalities:
            names |= {*modality.gates, *modality.contraindications}
            effects = (self.effects.get((rule, modality.code)) for rule in names)
            names = names | {effect.condition for effect in effects if effect}
        return self.compiled.view(sorted(names))

    @cached_property
    def effects(self) -> Mapping[tuple[str, str], Effect]:
        """What each contraindication in force means for each treatment that it concerns."""
        return {
            (rule, treatment): effect_of(effect)
            for rule in self.rules
            for treatment, effect in self.concerns(rule).items()
        }

    @cached_property
    def needs(self) -> Mapping[str, Needs]:
        """What decides on each treatment; looked up once, for it is asked for very often."""
        return {modality.code: self._needs(modality) for modality in self.modalities}

    @cached_property
    def readers(self) -> Mapping[str, tuple[Reader, Reader, Reader, int]]:
        """Functions that read what `needs` names, and how many gates there are."""
        return {
            code: (picker(one.forbid), picker(one.answer), picker(one.gates), len(one.gates))
            for code, one in self.needs.items()
        }

    @cached_property
    def standings(self) -> Mapping[str, tuple[Standing, ...]]:
        """Where stands what says how each contraindication stands against each treatment."""
        return {
            one.code: tuple(self._standing(rule, one.code) for rule in one.contraindications)
            for one in self.modalities
        }

    def _standing(self, rule: str, treatment: str) -> Standing:
        how, condition = self.effects.get((rule, treatment), BLOCK)
        place = self.places[rule] if rule in self.rules else None
        return Standing(rule, place, how, self.places.get(condition))

    def affected(self, fact: str) -> tuple[Modality, ...] | None:
        """Names the treatments whose status can change with a fact that is read by rules only.

        Args:
            fact: In the spelling ``nodules[].site``.

        Returns:
            The treatments; None if it can also lock or hold.
        """
        if fact not in self._affected:
            resting = self.compiled.rests_on(fact)
            stops = not resting.isdisjoint({self.roles.lock, HOLD})
            found = tuple(one for one in self.modalities if not resting.isdisjoint(self.read(one)))
            self._affected[fact] = None if stops else found
        return self._affected[fact]

    @cached_property
    def _affected(self) -> dict[str, tuple[Modality, ...] | None]:
        return {}

    def read(self, modality: Modality) -> set[str]:
        """Names the rules and definitions that the status of a treatment rests on."""
        asked = [self.effects.get((rule, modality.code)) for rule in modality.contraindications]
        conditions = {effect.condition for effect in asked if effect and effect.condition}
        return {*modality.gates, *modality.contraindications} | conditions

    def _needs(self, modality: Modality) -> Needs:
        forbid, answer = [], []
        for rule in modality.contraindications:
            effect = self.effects.get((rule, modality.code), BLOCK)
            forbid += [] if effect.how == "caution" else [effect.condition or rule]
            answer += [effect.condition] if effect.condition else []
            answer += [] if effect.how == "block_only_if" else [rule]
        named = {*forbid, *answer, *modality.gates}
        return Needs(
            self._at(forbid), self._at(answer), self._at(modality.gates), named <= set(self.places)
        )

    def _at(self, names: Iterable[str]) -> tuple[int, ...]:
        return tuple(self.places[name] for name in names if name in self.places)

    def concerns(self, rule: str) -> Mapping[str, Any]:
        """What a contraindication means for each treatment; empty when it is not in force."""
        found = self.rules.get(rule)
        return found.then.get("concerns", {}) if found else {}


def load_guidance(folder: Path = FOLDER) -> Knowledge:
    """Reads the knowledge folder.

    Raises:
        KnowledgeError: With one sentence for each fault.
    """
    return _read(folder)


@functools.cache  # once for each process: nothing changes a set that was read
def _read(folder: Path) -> Knowledge:
    outside = _roles(folder).decided_in_diagnosis
    return load(folder, _vocabulary(folder), check_then, external_rules=outside, other=_OTHER)


def _roles(folder: Path) -> Roles:
    return read_roles(tomllib.loads((folder / _ROLES).read_text(encoding="utf-8")))


def _vocabulary(folder: Path) -> Vocabulary:
    known = Vocabulary.load(folder / "facts")
    derived = tomllib.loads((folder / _DERIVED).read_text(encoding="utf-8"))
    return Vocabulary({**known.tables, _DERIVED: derived})


def in_force(knowledge: Knowledge, on: dt.date) -> Guidance:
    """Finds the guidance in force on a date.

    Raises:
        NothingInForceError: There was none yet.
    """
    return _in_force(knowledge, on)


@functools.lru_cache(maxsize=64)
def _in_force(knowledge: Knowledge, on: dt.date) -> Guidance:
    compiled = rules_in_force(knowledge, on)
    return Guidance(
        knowledge,
        compiled,
        {rule.id: rule for rule in compiled.rules},
        tuple(_modality(table) for table in knowledge.other["modalities.toml"]["modality"]),
        tuple(_line(table) for table in knowledge.other["steps.toml"]["line"]),
        read_roles(knowledge.other[_ROLES]),
        tuple(
            Topic(table["name"], tuple(table["facts"]))
            for table in knowledge.other[_QUESTIONS]["topic"]
        ),
    )


def _modality(table: Mapping[str, Any]) -> Modality:
    return Modality(**{name: _frozen(value) for name, value in table.items()})


def _line(table: Mapping[str, Any]) -> Line:
    values = {name: _frozen(value) for name, value in table.items()}
    values["holds"] = values.pop("is", True)
    return Line(**values)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def recorded_facts(knowledge: Knowledge, rule: Rule) -> list[str]:
    """Names the recorded facts that a rule's newest version reads; a draft is read by nobody.

    Args:
        knowledge: The guidance that holds the rule.
        rule: The rule.
    """
    if rule.status == "draft":
        return []
    derived = knowledge.other[_DERIVED]
    own = {entry["name"] for kind in ("fact", "list") for entry in derived[kind]}
    own |= knowledge.vocabulary.derived
    names = rules_in_force(knowledge, rule.versions[-1].start).facts_of(rule.id)
    return sorted(name for name in names if re.split(r"[.\[]", name)[0] not in own)
