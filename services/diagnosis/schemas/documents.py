"""The full document of an assessment as typed classes: what `diagnosis.write.document` makes.

It is written as a dictionary, whose order is the reading order; a test reads every document back
by these classes, and refuses a member that they do not name.
"""

from typing import Any, Literal

from msgspec import Struct

from diagnosis.judge import Decision
from diagnosis.judge.decision import (
    Category,
    Group,
    ItemState,
    Likelihood,
    NoduleDecision,
    RulesetRef,
    State,
    Urgency,
    Withheld,
)
from diagnosis.write import Brief
from rules.catalogue.serving.documents import Citation
from rules.catalogue.serving.explanations import ConditionTree


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


class ReasonEntry(Struct, frozen=True, kw_only=True):
    """A reason in words.

    Attributes:
        rule: Id of the rule that it belongs to.
        sentence: The reason.
        strength: How well it is supported, in words.
        sources: Keys of `citations`.
    """

    rule: str
    sentence: str
    strength: str
    sources: list[str]


class ReasonLists(Struct, frozen=True, kw_only=True, rename={"speaks_for": "for"}):
    """What speaks for and against a back mouse, and what does neither.

    Attributes:
        for: What speaks for one.
        against: What speaks against one.
        neutral: What does neither.
    """

    speaks_for: list[ReasonEntry]
    against: list[ReasonEntry]
    neutral: list[ReasonEntry]


class DecidingExamination(Struct, frozen=True, kw_only=True):
    """An examination that decides between the answers that are still possible.

    Attributes:
        examination: What it is called.
        sentence: How it decides.
    """

    examination: str
    sentence: str


class ProvisionalRange(Struct, frozen=True, kw_only=True):
    """Between which answers the likelihood still lies.

    Attributes:
        lowest: The lowest likelihood that is possible.
            CONFIRMED: A block or an operation has shown that a back mouse is the source.
            PROBABLE: A typical nodule, and nothing that speaks against it.
            POSSIBLE: It may be one; something is missing, or speaks against it.
            INCIDENTAL: A nodule is there, but it is not the source of the pain.
            UNLIKELY: What was found speaks against one.
            NOT-ASSESSABLE: Too little was examined to say.
        highest: The highest likelihood that is possible.
            CONFIRMED: A block or an operation has shown that a back mouse is the source.
            PROBABLE: A typical nodule, and nothing that speaks against it.
            POSSIBLE: It may be one; something is missing, or speaks against it.
            INCIDENTAL: A nodule is there, but it is not the source of the pain.
            UNLIKELY: What was found speaks against one.
            NOT-ASSESSABLE: Too little was examined to say.
        possible: Every likelihood that is possible, highest first.
            CONFIRMED: A block or an operation has shown that a back mouse is the source.
            PROBABLE: A typical nodule, and nothing that speaks against it.
            POSSIBLE: It may be one; something is missing, or speaks against it.
            INCIDENTAL: A nodule is there, but it is not the source of the pain.
            UNLIKELY: What was found speaks against one.
            NOT-ASSESSABLE: Too little was examined to say.
        decided_by: The examinations that decide.
    """

    lowest: Likelihood
    highest: Likelihood
    possible: list[Likelihood]
    decided_by: list[DecidingExamination]


class DifferentialEntry(Struct, frozen=True, kw_only=True):
    """Another explanation in words.

    Attributes:
        rank: Its place, from 1.
        rule: Id of its rule.
        name: What it is called.
        state: Whether it fits.
            listed: What was found fits it.
            to_examine: Something points to it; what decides is missing.
        competing: Whether it competes with a back mouse for the pain.
        because: Why it is named.
        notes: What else is true of it here.
        strength: How well it is supported, in words.
        project_choice: What the project decided without a source; null if nothing.
        sources: Keys of `citations`.
        missing: The findings that would decide it.
    """

    rank: int
    rule: str
    name: str
    state: State
    competing: bool
    because: str
    notes: list[str]
    strength: str
    project_choice: str | None
    sources: list[str]
    missing: list[str]


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


class Proposals(Struct, frozen=True, kw_only=True):
    """What diagnosis proposes; treatment releases or withholds it.

    Attributes:
        diagnostic_block: Whether a diagnostic block is proposed; null if unknown.
    """

    diagnostic_block: bool | None


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


class Conclusions(Struct, frozen=True, kw_only=True):
    """What else was concluded.

    Attributes:
        lowered: Whether the likelihood was lowered.
        lowered_by: Ids of the rules that lowered it.
        withheld: Which flags withhold which kind of treatment.
        objective_deficit: Whether power, reflexes or sensation are impaired; null if unknown.
        neurology_recorded: Whether they were examined.
        definite_nodule: Whether a definite nodule is there; null if nobody looked.
    """

    lowered: bool
    lowered_by: list[str]
    withheld: Withheld
    objective_deficit: bool | None
    neurology_recorded: bool
    definite_nodule: bool | None


class AssessmentDocument(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The full assessment of one revision, in the words of its day.

    Attributes:
        kind: What it is.
            assessment: How likely each cause is.
        case_id: The case; null when nothing is stored.
        revision: Its revision; null when nothing is stored.
        on: ISO date that rules and ages were judged by.
        summary: What a clinician reads first.
        category: The likelihood, unless a red flag locks.
            CONFIRMED: A block or an operation has shown that a back mouse is the source.
            PROBABLE: A typical nodule, and nothing that speaks against it.
            POSSIBLE: It may be one; something is missing, or speaks against it.
            INCIDENTAL: A nodule is there, but it is not the source of the pain.
            UNLIKELY: What was found speaks against one.
            NOT-ASSESSABLE: Too little was examined to say.
            OUT-OF-SCOPE-RED-FLAG: A red flag locks; it comes first.
        likelihood: The likelihood of a back mouse.
            CONFIRMED: A block or an operation has shown that a back mouse is the source.
            PROBABLE: A typical nodule, and nothing that speaks against it.
            POSSIBLE: It may be one; something is missing, or speaks against it.
            INCIDENTAL: A nodule is there, but it is not the source of the pain.
            UNLIKELY: What was found speaks against one.
            NOT-ASSESSABLE: Too little was examined to say.
        provisional: Between which answers it still lies; null if it is settled.
        red_flags: The red flags.
        reasons: What speaks for and against.
        nodules: Each listed nodule.
        competing: Whether another explanation competes; null if unknown.
        competitors: Ids of the explanations that compete.
        differentials: Other explanations, the leading one first.
        examinations: What to examine next, in order.
        proposals: What diagnosis proposes to treatment.
        missing_findings: Every finding that is not known and could change something.
        facts_used: What the rules read of what was recorded, by name of the fact.
        facts_not_examined: Unanswered findings that could speak for a competing explanation.
        verdicts: Whether each rule is true, by id; null is unknown.
        conclusions: What else was concluded.
        evidence_note: How good the evidence is as a whole.
        sign_off: Who has signed the rules off.
        limits: What the answer cannot do.
        ruleset: The rules that it was made with.
        citations: Every source that is named, by key.
        explanation: Why each rule came out as it did, by id; with `expand=explanation` only.
    """

    kind: Literal["assessment"]
    case_id: str | None
    revision: int | None
    on: str
    summary: str
    category: Category
    likelihood: Likelihood
    provisional: ProvisionalRange | None
    red_flags: FlagReport
    reasons: ReasonLists
    nodules: list[NoduleDecision]
    competing: bool | None
    competitors: list[str]
    differentials: list[DifferentialEntry]
    examinations: list[ExaminationEntry]
    proposals: Proposals
    missing_findings: list[MissingFinding]
    facts_used: dict[str, Any]
    facts_not_examined: list[str]
    verdicts: dict[str, bool | None]
    conclusions: Conclusions
    evidence_note: str
    sign_off: str
    limits: list[str]
    ruleset: RulesetRef
    citations: dict[str, Citation]
    explanation: dict[str, ConditionTree] | None = None


class EvaluatedAssessment(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The assessment of facts that were sent along; nothing is stored.

    Attributes:
        decision: What was decided.
        brief: One screen.
        document: The full document; with `expand` only.
        explanation: Why each rule came out as it did, by id; with `expand=explanation` only.
    """

    decision: Decision
    brief: Brief
    document: AssessmentDocument | None = None
    explanation: dict[str, ConditionTree] | None = None
