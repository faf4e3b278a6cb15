"""Red flags and their screen in the full document, as typed classes."""

from msgspec import Struct

from diagnosis.judge.decision import (
    Group,
    ItemState,
    Urgency,
    Withheld,
)


class FlagHeadline(Struct, frozen=True, kw_only=True):
    """What comes first: the first red flag, or the screen that is not complete.

    Attributes:
        rule: Id of its rule.
        title: What it is called.
        urgency: How soon to act.
            emergency: Now, before anything else.
            same_day: Today.
            urgent: Within days.
            hold: Settle it before any treatment.
            routine: At the next planned visit.
        action: What to do.
    """

    rule: str
    title: str
    urgency: Urgency
    action: str


class FlagEntry(Struct, frozen=True, kw_only=True):
    """An active red flag, with what was found.

    Attributes:
        rule: Id of its rule.
        title: What it is called.
        urgency: How soon to act.
            emergency: Now, before anything else.
            same_day: Today.
            urgent: Within days.
            hold: Settle it before any treatment.
            routine: At the next planned visit.
        action: What to do.
        locks: Whether nothing is planned until it is settled.
        holds: Whether treatment waits until it is settled.
        withholds: Kinds of treatment that it withholds.
            needle: Injections, blocks and dry needling.
            energy: Laser, TECAR and shockwave.
            manual: Manual therapy.
        found: The findings that make it true, in words.
        because: Why they count.
        notes: What else is true of it here.
        strength: How well it is supported, in words.
        project_choice: What the project decided without a source; null if nothing.
        sources: Keys of `citations`.
    """

    rule: str
    title: str
    urgency: Urgency
    action: str
    locks: bool
    holds: bool
    withholds: list[Group]
    found: list[str]
    because: str
    notes: list[str]
    strength: str
    project_choice: str | None
    sources: list[str]


class UndecidedFlag(Struct, frozen=True, kw_only=True):
    """A red flag that is neither active nor excluded.

    Attributes:
        rule: Id of its rule.
        title: What it is called.
        missing: The findings that would decide it.
    """

    rule: str
    title: str
    missing: list[str]


class ScreenQuestion(Struct, frozen=True, kw_only=True):
    """A question of the red-flag screen.

    Attributes:
        n: Its number.
        asks: What it asks.
        state: How far it is answered.
            negative: Answered, and nothing found.
            positive: Answered, and something found.
            incomplete: Answered in part.
            not asked: No answer that counts today.
        missing: The findings that would answer it.
        sources: Keys of `citations`; empty once it is answered.
    """

    n: int
    asks: str
    state: ItemState
    missing: list[str]
    sources: list[str]


class ScreenReport(Struct, frozen=True, kw_only=True):
    """The minimal red-flag screen, question by question.

    Attributes:
        answered: How many questions have an answer that counts today.
        of: How many there are.
        complete: Whether all are answered, and the age is known.
        sentence: The same in words.
        items: Each question.
    """

    answered: int
    of: int
    complete: bool
    sentence: str
    items: list[ScreenQuestion]


class FlagReport(Struct, frozen=True, kw_only=True):
    """The red flags.

    Attributes:
        headline: What comes first; null without any.
        locked: Whether a red flag locks treatment.
        locks: Ids of the flags that lock.
        hold: Whether a red flag holds treatment.
        holds: Ids of the flags that hold.
        withheld: Which flags withhold which kind of treatment.
        active: The active flags, the most urgent first.
        undecided: Those that are neither active nor excluded.
        screen: The red-flag screen.
    """

    headline: FlagHeadline | None
    locked: bool
    locks: list[str]
    hold: bool
    holds: list[str]
    withheld: Withheld
    active: list[FlagEntry]
    undecided: list[UndecidedFlag]
    screen: ScreenReport
