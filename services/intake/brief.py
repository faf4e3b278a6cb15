"""Intake's own copy of the brief: what diagnosis and treatment put on the one screen, as data."""

from enum import StrEnum
from typing import Literal

from msgspec import Struct


class Urgency(StrEnum):
    """How soon the action is due, the most urgent first."""

    EMERGENCY = "emergency"
    SAME_DAY = "same_day"
    URGENT = "urgent"
    ROUTINE = "routine"


class NamedFact(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A fact by its code and its words; an element of a list by its place in it."""

    name: str
    words: str
    value: str | None = None


class Sentence(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A sentence, the rules that it follows from and the facts that it rests on."""

    text: str
    rules: tuple[str, ...] = ()
    facts: tuple[NamedFact, ...] = ()


class Action(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What to do, who does it and by when; and what not to do meanwhile."""

    do: Sentence
    who: str
    when: str
    urgency: Urgency
    do_not: str | None = None


class Safety(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """How much of the red-flag screen is answered, and what it found."""

    text: str
    answered: int
    of: int
    rules: tuple[str, ...] = ()


class Question(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A question or examination, and what its answer could change."""

    text: str
    could_change: str
    examination: str
    facts: tuple[NamedFact, ...] = ()
    rules: tuple[str, ...] = ()


class Likely(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """How likely painful back mice are, with one reason for and one against."""

    category: str
    text: str
    speaks_for: Sentence | None = None
    speaks_against: Sentence | None = None


class Explanation(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Another explanation of the pain, and the test that settles it."""

    name: str
    rule: str
    settled_by: str | None = None


class Coded(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A code and its words."""

    code: str
    words: str


class TreatmentLine(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Modalities that share a verdict and its reason."""

    verdict: Literal["may", "not_yet", "must_not", "unproven"]
    modalities: tuple[Coded, ...]
    reason: str
    rules: tuple[str, ...] = ()


class LookAgain(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """When the patient is seen or asked again, and what for."""

    text: str
    on: str | None = None


class Versions(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Short digests of the rule set, the guidance and the wording that made the brief."""

    ruleset: str
    guidance: str | None = None
    wording: str


class Brief(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One screen: what to do, why, what is open, what is likely, and when to look again."""

    kind: Literal["assessment", "plan"]
    revision: int | None = None
    on: str
    subject: str
    action: Action
    why: tuple[Sentence, ...] = ()
    safety: Safety
    ask_next: tuple[Question, ...] = ()
    likely: Likely | None = None
    otherwise: tuple[Explanation, ...] = ()
    treatments: tuple[TreatmentLine, ...] = ()
    later: str | None = None
    tell: Sentence | None = None
    look_again: tuple[LookAgain, ...] = ()
    if_it_fails: Sentence | None = None
    notices: tuple[str, ...] = ()
    sign_off: str
    versions: Versions
