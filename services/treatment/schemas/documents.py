"""The full document of a plan as typed classes: what `treatment.write.write_document` makes.

It is written as a dictionary, whose order is the reading order; a test reads every document back
by these classes, and refuses a member that they do not name.
"""

from typing import Literal

from msgspec import Struct

from rules.catalogue.serving.documents import Citation
from rules.catalogue.serving.explanations import ConditionTree
from rules.language.codes import Strength
from treatment.judge.decision import Decision, Outcome, Result, RuleSetName
from treatment.judge.judging import BlockStatus, Status
from treatment.schemas.care_documents import Advice, FollowUpEntry, UnknownFinding
from treatment.write import Brief

GateState = Literal["not_met", "unknown_ask", "found", "checked_clear", "caution", "not_stated"]
SteroidStatus = Literal["optional", "withheld", "blocked"]


class ReferredBy(Struct, frozen=True, kw_only=True):
    """Another red flag that sends the patient somewhere of its own.

    Attributes:
        rule: Its id.
        to: Where to.
    """

    rule: str
    to: str


class ReferralEntry(Struct, frozen=True, kw_only=True):
    """Where a locking red flag sends the patient.

    Attributes:
        to: Where to.
        how_fast: By when.
        because: What drives it.
        action: What to do.
        rules: Ids of the red flags that lock.
        also: Other red flags that send the patient somewhere of their own.
        sources: Keys of `citations`.
    """

    to: str
    how_fast: str
    because: str
    action: str
    rules: list[str]
    also: list[ReferredBy]
    sources: list[str]


class PlanReason(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A reason in words; what does not belong to its kind is absent.

    Attributes:
        rule: Id of its rule.
        rules: Ids of its rules, where several are unanswered alike.
        gate: Name of the definition that is closed or unanswered; or `consent`, `hold` or `clear`.
        flag: Id of the red flag that locks.
        flags: Ids of the red flags that hold.
        state: How it stands.
            not_met: The condition is not met.
            unknown_ask: It is unanswered; ask.
            found: A contraindication is found.
            caution: It is found, and asks for care.
            checked_clear: Nothing was found.
            not_stated: There was nothing to hold against a limit.
        sentence: The reason.
        because: Why the rule is right.
        strength: How well it is supported.
        project_choice: What the project decided without a source.
        missing: The findings that would decide it.
        sources: Keys of `citations`.
    """

    rule: str | None = None
    rules: list[str] | None = None
    gate: str | None = None
    flag: str | None = None
    flags: list[str] | None = None
    state: GateState | None = None
    sentence: str
    because: str | None = None
    strength: Strength | None = None
    project_choice: str | None = None
    missing: list[str] | None = None
    sources: list[str] | None = None


class StepEntry(Struct, frozen=True, kw_only=True):
    """What comes next.

    Attributes:
        code: The step.
        title: What it is called.
        because: Why.
    """

    code: str
    title: str
    because: list[PlanReason]


class ContraindicationEntry(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """How a contraindication stands against a treatment.

    Attributes:
        rule: Its id.
        state: How it stands.
            not_met: The condition is not met.
            unknown_ask: It is unanswered; ask.
            found: A contraindication is found.
            caution: It is found, and asks for care.
            checked_clear: Nothing was found.
            not_stated: There was nothing to hold against a limit.
        sentence: What it says; absent where nothing was found.
        missing: The findings that would decide it; absent where nothing was found.
    """

    rule: str
    state: GateState
    sentence: str | None = None
    missing: list[str] | None = None


class TreatmentEvidence(Struct, frozen=True, kw_only=True):
    """How well a treatment is supported.

    Attributes:
        grade_in_words: In words.
        sources: Keys of `citations`.
    """

    grade_in_words: str
    sources: list[str]


class SteroidEntry(Struct, frozen=True, kw_only=True):
    """Whether a corticosteroid may be added to an injection.

    Attributes:
        status: What may be done.
            optional: It may be added.
            withheld: Something must be answered or met first.
            blocked: It must not be added.
        sentence: The same in words.
        because: Why.
    """

    status: SteroidStatus
    sentence: str
    because: list[PlanReason]


class TreatmentEntry(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A treatment: what may be done with it, why, and what was checked.

    Attributes:
        modality: Its code.
        title: What it is called.
        status: What may be done with it.
            offered: It may be offered.
            optional_unproven: It may be tried, but no study supports it.
            withheld: Something must be answered or met first.
            blocked: It must not be given.
        because: Why.
        contraindications: What was checked.
        evidence: How well it is supported; null while a red flag locks.
        notes: What else there is to know.
        corticosteroid: Whether one may be added; of the injection only.
    """

    modality: str
    title: str
    status: Status
    because: list[PlanReason]
    contraindications: list[ContraindicationEntry]
    evidence: TreatmentEvidence | None
    notes: list[str]
    corticosteroid: SteroidEntry | None = None


class BlockEntry(Struct, frozen=True, kw_only=True):
    """Whether the diagnostic block that diagnosis proposes is released.

    Attributes:
        status: Whether it is.
            released: It may be done.
            withheld: Something must be answered or met first.
            not_applicable: Diagnosis does not propose one.
        because: Why.
    """

    status: BlockStatus
    because: list[PlanReason]


class CareOutcomeEntry(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """How the last treatment worked.

    Attributes:
        result: In one word.
            responder: Pain fell enough.
            partial: Pain fell, but too little.
            non_responder: Pain did not fall.
            worse: Pain rose, or a new sign appeared.
            unknown: It cannot be judged.
        sentence: In words, with the scores.
        rule: Id of the rule that says so; null while it is unknown.
        because: Why the rule is right.
        strength: How well it is supported.
        missing: The findings that would decide it; while it is unknown only.
        sources: Keys of `citations`.
        also: What else there is to say about it.
    """

    result: Result
    sentence: str
    rule: str | None
    because: str | None = None
    strength: Strength | None = None
    missing: list[str] | None = None
    sources: list[str] | None = None
    also: list[PlanReason] | None = None


class PlanDocument(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The full plan of one revision, in the words of its day.

    Attributes:
        kind: What it is.
            plan: What to offer, and what not.
        case_id: The case; null when nothing is stored.
        revision: Its revision; null when nothing is stored.
        on: ISO date that rules were judged by.
        outcome: Whether a step is recommended.
            recommended: A step is recommended.
            withheld: A red flag comes first; nothing at all may be applied.
        summary: What a clinician reads first.
        referral: Where a locking red flag sends the patient; null without one.
        step: What comes next.
        modalities: Every treatment.
        self_care: Care that needs no release.
        diagnostic_block: Whether the block that diagnosis proposes is released.
        follow_up: When to look again.
        outcome_of_care: How the last treatment worked; null when it cannot be judged yet.
        if_it_fails: What comes next when the step does not help.
        safety_net: What brings the patient back at once.
        missing_findings: Every finding that is not known and could change something.
        verdicts: Whether each rule is true, by id; null is unknown.
        sign_off: Who has signed the guidance off.
        limits: What the plan cannot do.
        guidance: What was judged by.
        ruleset: What made the assessment; null if it did not say.
        questions: How a clinician would ask for each missing fact, by name of the fact.
        citations: Every source that is named, by key.
        explanation: Why each rule came out as it did, by id; with `expand=explanation` only.
    """

    kind: Literal["plan"]
    case_id: str | None
    revision: int | None
    on: str
    outcome: Outcome
    summary: str
    referral: ReferralEntry | None
    step: StepEntry
    modalities: list[TreatmentEntry]
    self_care: list[PlanReason]
    diagnostic_block: BlockEntry
    follow_up: list[FollowUpEntry]
    outcome_of_care: CareOutcomeEntry | None
    if_it_fails: list[Advice]
    safety_net: list[Advice]
    missing_findings: list[UnknownFinding]
    verdicts: dict[str, bool | None]
    sign_off: str
    limits: list[str]
    guidance: RuleSetName
    ruleset: RuleSetName | None
    questions: dict[str, str]
    citations: dict[str, Citation]
    explanation: dict[str, ConditionTree] | None = None


class EvaluatedPlan(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The plan for facts and an assessment that were sent along; nothing is stored.

    Attributes:
        decision: What was decided.
        brief: One screen.
        document: The full document; with `expand` only.
        explanation: Why each rule came out as it did, by id; with `expand=explanation` only.
    """

    decision: Decision
    brief: Brief
    document: PlanDocument | None = None
    explanation: dict[str, ConditionTree] | None = None
