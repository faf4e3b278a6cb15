"""The tables of the rule set as typed values: flags with grades, lines, examinations, roles."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self

from rules import RuleInForce, WhatIfRules

GROUPS = ("needle", "energy", "manual")


@dataclasses.dataclass(frozen=True)
class Line:
    """One line of the decision list; its ``outcome`` None only ends the list."""

    number: str
    when: tuple[str, ...]
    when_recorded: tuple[str, ...]
    outcome: str | None
    examination: str | None
    settles: str | None


@dataclasses.dataclass(frozen=True)
class Grade:
    """How urgent an active red flag is, and what it stops, while ``when`` is true."""

    when: str | None
    effect: str
    urgency: str
    action: str
    withholds: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Flag:
    """A red-flag rule with its grades, the most decisive first and the plain one last."""

    rule: RuleInForce
    grades: tuple[Grade, ...]
    out_of_scope: bool

    @property
    def names(self) -> list[str]:
        """The rules and definitions on which it rests."""
        return [self.rule.id, *(grade.when for grade in self.grades if grade.when)]


@dataclasses.dataclass(frozen=True)
class Yield:
    """What an examination finds, what it settles besides, and the class of its burden.

    ``safety`` names the question of safety that is decided elsewhere, if there is one.
    """

    examination: str
    finds: frozenset[str]
    asks: tuple[str, ...]
    burden: int
    safety: str | None

    @classmethod
    def read(cls, table: Mapping[str, Any]) -> Self:
        """Read it from its table."""
        asks = tuple(table.get("asks", ()))
        safety = table.get("safety")
        return cls(table["id"], frozenset(table["finds"]), asks, table["burden"], safety)


@dataclasses.dataclass(frozen=True)
class Roles:
    """Rules and definitions that the program has to find, by the part that they play.

    See ``knowledge/roles.toml``.
    """

    palpation_missing: str
    block_proposal: str
    out_of_age: str
    contradiction: str
    competing: str
    fat_on_imaging: str
    nodule_imaged: str
    objective_deficit: str
    neurology_missing: str
    unnamed_block: str
    block_of_nodule: str
    for_plan: tuple[str, ...]

    @classmethod
    def read(cls, table: Mapping[str, Any]) -> Self:
        """Read them from their table."""
        return cls(**{**table, "for_plan": tuple(table["for_plan"])})


@dataclasses.dataclass(frozen=True)
class Lowering:
    """Which rules lower a likelihood by one step, and to what."""

    nodule: tuple[str, ...]
    without_nodule: tuple[str, ...]
    steps_with_nodule: Mapping[str, str]
    steps_without: Mapping[str, str]

    @classmethod
    def read(cls, table: Mapping[str, Any]) -> Self:
        """Read it from its table."""
        steps = table["steps"]
        return cls(
            tuple(table["nodule"]),
            tuple(table["without_nodule"]),
            {**steps, **table["with_nodule"]},
            {**steps, **table["without_definite"]},
        )


class NeedsWhen(NamedTuple):
    """What an item of the screen needs besides, while a definition is not certainly false.

    Attributes:
        when: where the verdict of the definition stands.
        needs: the facts.
        tells: the facts that tell whether they are needed.
    """

    when: int
    needs: tuple[str, ...]
    tells: tuple[str, ...]


class AskedItem(NamedTuple):
    """An item of the screen; see ``knowledge/screen.toml``.

    Attributes:
        n: its number.
        rules: the red flags that it can raise.
        positive: where the verdict of its positive answer stands.
        needs: the facts that answer it.
        needs_when: what it needs besides.
        each_nodule: the fields of each nodule that answer it.
        or_fact: the fact of the case that answers instead of a field.
        results: whether results of tests must be readable.
    """

    n: int
    rules: frozenset[str]
    positive: int
    needs: tuple[str, ...]
    needs_when: tuple[NeedsWhen, ...]
    each_nodule: tuple[str, ...]
    or_fact: Mapping[str, str]
    results: bool

    @classmethod
    def read(cls, table: Mapping[str, Any], compiled: WhatIfRules) -> Self:
        """Read it from its table."""
        further = table.get("needs_when", ())
        return cls(
            table["n"],
            frozenset(table["rules"]),
            compiled.place("defined", table["positive"]),
            tuple(table.get("needs", ())),
            tuple(_needs_when(more, compiled) for more in further),
            tuple(table.get("each_nodule", ())),
            table.get("or_fact", {}),
            bool(table.get("results")),
        )


def _needs_when(table: Mapping[str, Any], compiled: WhatIfRules) -> NeedsWhen:
    tells = sorted(compiled.facts_of_definition(table["when"]))
    return NeedsWhen(compiled.place("defined", table["when"]), tuple(table["needs"]), tuple(tells))


class Read(NamedTuple):
    """What of an answer can change.

    Attributes:
        likelihood: whether the decision list can come out otherwise.
        flags: name of the conclusion, where its verdict stands, the flag.
        differentials: name of the conclusion, where its verdict stands.
    """

    likelihood: bool
    flags: Sequence[tuple[str, int, Flag]]
    differentials: Sequence[tuple[str, int]]


def is_flag(rule: RuleInForce) -> bool:
    """Tell whether a rule is a red flag: it locks, holds or is noted."""
    return str(rule.then.get("effect", "reassurance")) != "reassurance"


def flag_of(rule: RuleInForce) -> Flag:
    """Read a red-flag rule with its grades."""
    tables = [*rule.then.get("grades", ()), rule.then]
    return Flag(
        rule, tuple(_grade(table) for table in tables), rule.then.get("out_of_scope", False)
    )


def _grade(table: Mapping[str, Any]) -> Grade:
    everything = GROUPS if table["effect"] in {"lock", "hold"} else ()
    return Grade(
        table.get("when"),
        table["effect"],
        table["urgency"],
        table["action"],
        tuple(table.get("withholds", everything)),
    )


def line_of(table: Mapping[str, Any]) -> Line:
    """Read a line of the decision list."""
    return Line(
        number=table["number"],
        when=tuple(table.get("when", ())),
        when_recorded=tuple(table.get("when_recorded", ())),
        outcome=table.get("outcome"),
        examination=table.get("examination"),
        settles=table.get("settles"),
    )


def screen_finds(items: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """Name the findings that the questions of the screen yield."""
    asked: set[str] = set()
    for item in items:
        asked |= {*item.get("needs", ()), *(f"nodules[].{f}" for f in item.get("each_nodule", ()))}
        asked |= {name for more in item.get("needs_when", ()) for name in more["needs"]}
    return frozenset(asked)
