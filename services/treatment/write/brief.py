"""The brief: one screen as data. Its shape is the same in diagnosis, treatment and intake."""

from typing import Literal

from msgspec import Struct

Urgency = Literal["emergency", "same_day", "urgent", "routine"]
Verdict = Literal["may", "not_yet", "must_not", "unproven"]


class NamedFact(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A recorded or missing finding, by its code and in words.

    Attributes:
        name: Code as in the vocabulary; an element by its id, `nodules[n1].site`.
        words: Label of the vocabulary; a nodule with side and site.
        value: Value in words with its unit; absent for a missing finding.
    """

    name: str
    words: str
    value: str | None = None


class Sentence(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A sentence, with the rules and the findings that it rests on.

    Attributes:
        text: The words; no rule id and no code is in them.
        rules: Ids of the rules behind it.
        facts: The findings behind it.
    """

    text: str
    rules: tuple[str, ...] = ()
    facts: tuple[NamedFact, ...] = ()


class Action(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What to do, who does it, how soon, and what not to do meanwhile.

    Attributes:
        do: The action.
        who: Who does it.
        when: By when, in words.
        urgency: How soon.
            emergency: Now, before anything else.
            same_day: Today.
            urgent: Within days.
            routine: At the next planned visit.
        do_not: What must not be done meanwhile.
    """

    do: Sentence
    who: str
    when: str
    urgency: Urgency
    do_not: str | None = None


class Safety(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """How much of the red-flag screen is answered, and what it found.

    Attributes:
        text: In one or two sentences.
        answered: How many questions have an answer that counts today.
        of: How many there are.
        rules: Ids of the active red flags.
    """

    text: str
    answered: int
    of: int
    rules: tuple[str, ...] = ()


class Question(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What to ask or to examine next, and what the answer could change.

    Attributes:
        text: What to ask or to examine.
        could_change: What the answer could change, in words.
        examination: Code of the examination, or of what is asked.
        facts: The missing findings that it would answer.
        rules: Ids of the rules that wait for it.
    """

    text: str
    could_change: str
    examination: str
    facts: tuple[NamedFact, ...] = ()
    rules: tuple[str, ...] = ()


class Likely(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """How likely a back mouse is, with one reason for and one against.

    Attributes:
        category: Code of the likelihood, as in the decision.
        text: In one sentence.
        speaks_for: The strongest reason for it.
        speaks_against: The strongest reason against it.
    """

    category: str
    text: str
    speaks_for: Sentence | None = None
    speaks_against: Sentence | None = None


class Explanation(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Another explanation, and the test that settles it.

    Attributes:
        name: What it is called.
        rule: Id of its rule.
        settled_by: The test that settles it.
    """

    name: str
    rule: str
    settled_by: str | None = None


class Coded(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A code of the vocabulary, and its words.

    Attributes:
        code: The code.
        words: What people call it.
    """

    code: str
    words: str


class TreatmentLine(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Treatments that one reason decides alike.

    Attributes:
        verdict: What may be done with them.
            may: They may be offered.
            not_yet: Something must be answered or met first.
            must_not: They must not be given.
            unproven: They may be tried, but no study supports them.
        modalities: The treatments.
        reason: The reason, in words.
        rules: Ids of the rules behind it.
    """

    verdict: Verdict
    modalities: tuple[Coded, ...]
    reason: str
    rules: tuple[str, ...] = ()


class LookAgain(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """When to look again, and what at.

    Attributes:
        text: What the contact is for.
        on: ISO date; absent while it is not known.
    """

    text: str
    on: str | None = None


class Versions(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Short digests of the rules, the guidance and the wording.

    Attributes:
        ruleset: The rules of the assessment.
        guidance: The guidance of the plan; absent while there is no plan.
        wording: The sentences.
    """

    ruleset: str
    guidance: str | None = None
    wording: str


class Brief(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One screen: the action first, then what drives it.

    Attributes:
        kind: Who wrote it last.
            assessment: Diagnosis; there is no plan yet.
            plan: Treatment; what a red flag demands is taken over unchanged.
        revision: Revision of the case; absent when nothing is stored.
        on: ISO date that it is judged by.
        subject: Whom it is about, such as `woman, 47`.
        action: What to do.
        why: At most three sentences about what drives the action.
        safety: The red-flag screen.
        ask_next: At most three questions or examinations, the one that could change most first.
        likely: The likelihood; absent while a red flag locks.
        otherwise: At most three other explanations.
        treatments: One line for each verdict and reason; none while a red flag locks.
        later: One sentence instead of treatments.
        tell: What to tell the patient.
        look_again: When to look again.
        if_it_fails: What to do if the treatment does not help.
        notices: What else the reader has to know.
        sign_off: Who has signed the rules off.
        versions: What it was made with.
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
