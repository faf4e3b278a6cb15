"""The brief: one screen of what to do, as data with its sentences.

It is spelled the same in every service that writes or keeps one; a test holds the copies equal.
"""

from typing import Literal

import msgspec

Urgency = Literal["emergency", "same_day", "urgent", "routine"]
Verdict = Literal["may", "not_yet", "must_not", "unproven"]


class NamedFact(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A fact by its code and by its words.

    Attributes:
        name: Its code in the vocabulary; an element by its id, as `nodules[n1].site`.
        words: What people call it.
        value: In words, with its unit.
    """

    name: str
    words: str
    value: str | None = None


class Sentence(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A sentence, and what it rests on.

    Attributes:
        text: The words; no rule id and no code is in them.
        rules: Ids of the rules behind it.
        facts: The facts behind it.
    """

    text: str
    rules: tuple[str, ...] = ()
    facts: tuple[NamedFact, ...] = ()


class Action(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What to do, who does it, and by when.

    Attributes:
        do: The action.
        who: Who does it.
        when: By when, in words.
        urgency: By when, in one word.
        do_not: What must not be done meanwhile.
    """

    do: Sentence
    who: str
    when: str
    urgency: Urgency
    do_not: str | None = None


class Safety(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """How far the red-flag questions are answered.

    Attributes:
        text: In one or two sentences.
        answered: How many have an answer that counts today.
        of: How many there are.
        rules: Ids of the active red flags.
    """

    text: str
    answered: int
    of: int
    rules: tuple[str, ...] = ()


class Question(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Something to ask or to examine next.

    Attributes:
        text: The question.
        could_change: What the answer could change, in words.
        examination: Code of the examination, or of what is asked.
        facts: The facts that it would answer.
        rules: Ids of the rules that wait for it.
    """

    text: str
    could_change: str
    examination: str
    facts: tuple[NamedFact, ...] = ()
    rules: tuple[str, ...] = ()


class Likely(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """How likely a painful nodule is the cause.

    Attributes:
        category: Its code.
        text: In one sentence.
        speaks_for: The strongest reason for it.
        speaks_against: The strongest reason against it.
    """

    category: str
    text: str
    speaks_for: Sentence | None = None
    speaks_against: Sentence | None = None


class Explanation(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Another explanation of the pain.

    Attributes:
        name: What it is called.
        rule: Its id.
        settled_by: The test that would settle it.
    """

    name: str
    rule: str
    settled_by: str | None = None


class Coded(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A code and its words."""

    code: str
    words: str


class TreatmentLine(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Treatments with one verdict for one reason.

    Attributes:
        verdict: `may`, `not_yet`, `must_not` or `unproven`.
        modalities: The treatments.
        reason: The reason, in words.
        rules: Ids of the rules behind it.
    """

    verdict: Verdict
    modalities: tuple[Coded, ...]
    reason: str
    rules: tuple[str, ...] = ()


class LookAgain(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A contact to come.

    Attributes:
        text: What it is.
        on: Its date, ISO 8601; None while it is not known.
    """

    text: str
    on: str | None = None


class Versions(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Short digests of what made the brief.

    Attributes:
        ruleset: The rules of the assessment.
        guidance: The guidance of the plan; None while there is none.
        wording: The sentences.
    """

    ruleset: str
    guidance: str | None = None
    wording: str


class Brief(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One screen: what to do, why, what to ask, and when to look again.

    Attributes:
        kind: Who wrote it last.
        revision: Of the case; None when nothing is stored.
        on: The date that rules were judged by, ISO 8601.
        subject: Whom it is about, such as `woman, 47`.
        action: What to do.
        why: The findings that drive it, at most three sentences.
        safety: How far the red-flag questions are answered.
        ask_next: At most three questions, what could change most first.
        likely: How likely the nodule is the cause; None while a red flag locks.
        otherwise: At most three other explanations.
        treatments: One line for each verdict and reason; none while a red flag locks.
        later: While a red flag locks, one sentence instead of treatments.
        tell: What to tell the patient.
        look_again: The contacts to come.
        if_it_fails: What comes next when the step does not help.
        notices: What else must be known, such as that the rules are not made for children.
        sign_off: Who signed the rules off.
        versions: What made it.
    """

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
