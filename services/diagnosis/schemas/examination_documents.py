"""What to examine next and what is missing, in the full document, as typed classes."""

from msgspec import Struct


class SafetyRank(Struct, frozen=True, kw_only=True, rename={"level": "class"}):
    """Whether an examination is a question of safety.

    Attributes:
        class: The lower, the earlier.
        because: Why; null if it is none.
    """

    level: int
    because: str | None


class BurdenRank(Struct, frozen=True, kw_only=True, rename={"level": "class"}):
    """What an examination costs the patient.

    Attributes:
        class: The lower, the earlier.
        words: In words.
        source: Who says so.
    """

    level: int
    words: str
    source: str


class RankedBy(Struct, frozen=True, kw_only=True):
    """What gives an examination its place.

    Attributes:
        safety: Whether it is a question of safety.
        questions: The open questions that it can settle.
        together: Whether its findings may matter only together with others.
        burden: What it costs the patient.
    """

    safety: SafetyRank
    questions: list[str]
    together: bool
    burden: BurdenRank


class ExaminationEntry(Struct, frozen=True, kw_only=True):
    """An examination that is due.

    Attributes:
        rank: Its place, from 1.
        rule: Id of the rule that asks for it.
        examination: Code of the examination.
        title: What it is called.
        because: Why it is due.
        settles: What it settles, sentence by sentence.
        before_treatment: Whether it must be done before any treatment.
        strength: How well it is supported, in words.
        sources: Keys of `citations`.
        ranked_by: What gives it its place.
        why_here: The same in words.
        deferred: Whether it waits, because a red flag needs help at once.
    """

    rank: int
    rule: str
    examination: str
    title: str
    because: str
    settles: list[str]
    before_treatment: bool
    strength: str
    sources: list[str]
    ranked_by: RankedBy
    why_here: str
    deferred: bool


class PossibleChange(Struct, frozen=True, kw_only=True, rename={"found": "if"}):
    """What an answer could change.

    Attributes:
        conclusion: Such as `category`, `red_flag:<id>` or `differential:<id>`.
        if: The answers that change it, in words.
        to: What it becomes.
    """

    conclusion: str
    found: str
    to: str


class MissingFinding(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A finding that is not known, and what it could change.

    Attributes:
        fact: Code as in the vocabulary; an element by its id, `nodules[n1].site`.
        label: What people call it.
        examination: The examination, or the section, that it belongs to.
        could_change: What it could change by itself.
        together: Whether it may matter together with others only.
        sentence: The same in words, if there is something to say.
    """

    fact: str
    label: str
    examination: str
    could_change: list[PossibleChange]
    together: bool
    sentence: str | None = None
