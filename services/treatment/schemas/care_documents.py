"""Following up and what is missing, in the full document of a plan, as typed classes."""

from typing import Any

from msgspec import Struct


class FollowUpEntry(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """When to look again.

    Attributes:
        when_days: Days after what it is counted from.
        on: ISO date; null while the date of the treatment is unknown.
        counted_from: What the days are counted from, in words.
        what: What the contact is for.
        success: What counts as success; said once, at the first contact.
        if_not: What comes next without it.
        rule: Id of the rule that plans it.
    """

    when_days: int
    on: str | None
    counted_from: str
    what: str
    success: str | None = None
    if_not: str
    rule: str


class Advice(Struct, frozen=True, kw_only=True):
    """A sentence, and the rule that says it.

    Attributes:
        rule: Id of the rule.
        sentence: The advice.
    """

    rule: str
    sentence: str


class PlanChange(Struct, frozen=True, kw_only=True, rename={"found": "if"}):
    """What an answer could change.

    Attributes:
        conclusion: `step`, `diagnostic_block` or `modality:<code>`.
        if: The answer that changes it: a truth value, a number or a code.
        to: What it becomes.
    """

    conclusion: str
    found: Any
    to: str


class UnknownFinding(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A finding that is not known, and what it could change.

    Attributes:
        fact: Code as in the vocabulary.
        label: What people call it.
        could_change: What it could change by itself.
        together: Whether it may matter together with others only.
        sentence: The same in words, if there is something to say.
    """

    fact: str
    label: str
    could_change: list[PlanChange]
    together: bool
    sentence: str | None = None
