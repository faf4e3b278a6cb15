"""The full document of an assessment as typed classes: what `diagnosis.write.document` makes.

It is written as a dictionary, whose order is the reading order; a test reads every document back
by these classes, and refuses a member that they do not name.
"""

from typing import Any, Literal

from msgspec import Struct

from diagnosis.judge import Decision
from diagnosis.judge.decision import (
    Category,
    Likelihood,
    NoduleDecision,
    RulesetRef,
    State,
    Withheld,
)
from diagnosis.schemas.examination_documents import (
    ExaminationEntry,
    MissingFinding,
)
from diagnosis.schemas.flag_documents import (
    FlagReport,
)
from diagnosis.write import Brief
from rules.catalogue.serving.documents import Citation
from rules.catalogue.serving.explanations import ConditionTree


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


class Proposals(Struct, frozen=True, kw_only=True):
    """What diagnosis proposes; treatment releases or withholds it.

    Attributes:
        diagnostic_block: Whether a diagnostic block is proposed; null if unknown.
    """

    diagnostic_block: bool | None


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
