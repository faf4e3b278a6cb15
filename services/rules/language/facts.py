"""What a fact is: its name, type, unit, values and plausible range."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from rules.language.codes import FactType

NUMERIC = frozenset({"integer", "number", "days_ago"})
SETS = frozenset({"codes", "ages"})
TYPES = frozenset(kind.value for kind in FactType)


@dataclasses.dataclass(frozen=True)
class Value:
    """One coded value and what people call it."""

    code: str
    label: str


@dataclasses.dataclass(frozen=True)
class Fact:
    """One fact: what it is called, measured in and allowed to be.

    ``name`` is how the engine spells it; ``written`` is how a document spells it (they differ for
    dates, which the engine knows only as days ago, and for members of a set). ``home`` is the
    section or list that holds it. ``derived`` facts are worked out from others and never asked.
    A fact whose type is in ``SETS`` has a value for each of its codes: ``codes`` yes or no,
    ``ages`` days ago.
    """

    name: str
    label: str
    type: str
    home: str
    written: str
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    range_source: str | None = None
    values: tuple[Value, ...] = ()
    step: float = 1
    stays: str | None = None
    derived: bool = False
    member_of: str | None = None
    table: Mapping[str, Any] = dataclasses.field(default_factory=dict, compare=False, repr=False)

    @property
    def numeric(self) -> bool:
        """Whether the fact can be compared to a threshold."""
        return self.type in NUMERIC

    @property
    def kind(self) -> str:
        """What its values are: boolean, number or text."""
        if self.type == "boolean":
            return "boolean"
        return "number" if self.numeric else "text"

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes that the fact, or the set, may hold."""
        return tuple(value.code for value in self.values)


@dataclasses.dataclass(frozen=True)
class ListFact:
    """A list of elements with the same fields; ``fields`` is keyed by the engine's names.

    A ``derived`` list is worked out from other facts, and stands inside its section.
    """

    name: str
    label: str
    section: str
    recorded: bool
    count: str | None
    fields: Mapping[str, Fact]
    written: Mapping[str, Fact]
    derived: bool = False
    table: Mapping[str, Any] = dataclasses.field(default_factory=dict, compare=False, repr=False)


@dataclasses.dataclass(frozen=True)
class Section:
    """Facts and lists that stand together, of one file or of several that name one section."""

    name: str
    title: str
    facts: tuple[Fact, ...]
    lists: tuple[ListFact, ...]


def engine_name(name: str, kind: str) -> str:
    """Spell a fact as the engine does: a date ``sent_on`` is known as ``sent_days_ago``."""
    return f"{name.removesuffix('_on')}_days_ago" if kind == "date" else name
