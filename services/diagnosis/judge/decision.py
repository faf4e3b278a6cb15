"""The decision: what the rules conclude about one revision of a case, without a sentence."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

Likelihood = Literal[
    "CONFIRMED", "PROBABLE", "POSSIBLE", "INCIDENTAL", "UNLIKELY", "NOT-ASSESSABLE"
]
Category = Literal[
    "CONFIRMED",
    "PROBABLE",
    "POSSIBLE",
    "INCIDENTAL",
    "UNLIKELY",
    "NOT-ASSESSABLE",
    "OUT-OF-SCOPE-RED-FLAG",
]
Effect = Literal["lock", "hold", "note"]
Urgency = Literal["emergency", "same_day", "urgent", "hold", "routine"]
Group = Literal["needle", "energy", "manual"]
State = Literal["listed", "to_examine"]
ItemState = Literal["negative", "positive", "incomplete", "not asked"]
Side = Literal["for", "against"]


class FlagRef(Struct, frozen=True, kw_only=True):
    """The red flag that comes first, or the rule of the incomplete screen.

    Attributes:
        rule: Id of the rule.
        urgency: How soon to act, that of the most urgent flag where the first is out of scope.
            emergency: Now, before anything else.
            same_day: Today.
            urgent: Within days.
            hold: Settle it before any treatment.
            routine: At the next planned visit.
        grade: Position of the grade that applies; null for the screen.
    """

    rule: str
    urgency: Urgency
    grade: int | None


class ActiveFlag(Struct, frozen=True, kw_only=True):
    """A red flag that is active, the most urgent first.

    Attributes:
        rule: Id of the rule.
        effect: What it does to treatment.
            lock: Nothing is planned until it is settled.
            hold: Treatment waits until it is settled.
            note: It is noted; some kinds of treatment may be withheld.
        urgency: How soon to act.
            emergency: Now, before anything else.
            same_day: Today.
            urgent: Within days.
            hold: Settle it before any treatment.
            routine: At the next planned visit.
        grade: Position of the grade that applies, the most decisive being 0.
        withholds: Kinds of treatment that it withholds.
            needle: Injections, blocks and dry needling.
            energy: Laser, TECAR and shockwave.
            manual: Manual therapy.
    """

    rule: str
    effect: Effect
    urgency: Urgency
    grade: int
    withholds: tuple[Group, ...]


class Withheld(Struct, frozen=True, kw_only=True):
    """Ids of the red flags that withhold each kind of treatment.

    Attributes:
        needle: Injections, blocks and dry needling.
        energy: Laser, TECAR and shockwave.
        manual: Manual therapy.
    """

    needle: tuple[str, ...]
    energy: tuple[str, ...]
    manual: tuple[str, ...]


class OpenItem(Struct, frozen=True, kw_only=True):
    """A question of the screen that is not answered, by its number.

    Attributes:
        n: Its number.
        state: How far it is answered.
            negative: Answered, and nothing found.
            positive: Answered, and something found.
            incomplete: Answered in part.
            not asked: No answer that counts today.
    """

    n: int
    state: ItemState


class Screen(Struct, frozen=True, kw_only=True):
    """The minimal red-flag screen; it is complete with all its items and the age.

    Attributes:
        answered: How many questions have an answer that counts today.
        of: How many there are.
        complete: Whether all are answered, and the age is known.
        open: The questions that are not answered.
    """

    answered: int
    of: int
    complete: bool
    open: tuple[OpenItem, ...]


class NoduleDecision(Struct, frozen=True, kw_only=True):
    """What the decision list says of one nodule.

    Attributes:
        id: The client's name of the nodule.
        likelihood: Its own answer.
            CONFIRMED: A block or an operation has shown that a back mouse is the source.
            PROBABLE: A typical nodule, and nothing that speaks against it.
            POSSIBLE: It may be one; something is missing, or speaks against it.
            INCIDENTAL: A nodule is there, but it is not the source of the pain.
            UNLIKELY: What was found speaks against one.
            NOT-ASSESSABLE: Too little was examined to say.
        possible: Answers that are still possible, highest first.
            CONFIRMED: A block or an operation has shown that a back mouse is the source.
            PROBABLE: A typical nodule, and nothing that speaks against it.
            POSSIBLE: It may be one; something is missing, or speaks against it.
            INCIDENTAL: A nodule is there, but it is not the source of the pain.
            UNLIKELY: What was found speaks against one.
            NOT-ASSESSABLE: Too little was examined to say.
        line: Number of the line that ended the decision list.
        lowered_by: Ids of the rules that lowered it.
        fat_on_imaging: Whether imaging shows fat; null if unknown.
    """

    id: str
    likelihood: Likelihood
    possible: tuple[Likelihood, ...]
    line: str
    lowered_by: tuple[str, ...]
    fat_on_imaging: bool | None


class Differential(Struct, frozen=True, kw_only=True):
    """Another explanation: one that fits, or one to examine; the leading one first.

    Attributes:
        rule: Id of its rule.
        state: Whether it fits.
            listed: What was found fits it.
            to_examine: Something points to it; what decides is missing.
        competing: Whether it competes with a back mouse for the pain.
    """

    rule: str
    state: State
    competing: bool


class DueExamination(Struct, frozen=True, kw_only=True):
    """An examination that is due; the first one first.

    Attributes:
        rule: Id of the rule that asks for it.
        examination: Code of the examination.
    """

    rule: str
    examination: str


class Reason(Struct, frozen=True, kw_only=True):
    """A finding that speaks for or against a back mouse.

    Attributes:
        side: Which way it points.
            for: It speaks for a back mouse.
            against: It speaks against one.
        code: Name of the definition, or id of the rule, that is true.
        rule: Id of the rule that it belongs to.
        facts: The recorded findings that make it true.
    """

    side: Side
    code: str
    rule: str
    facts: tuple[str, ...]


class RankedQuestion(Struct, frozen=True, kw_only=True):
    """A question or an examination, ranked by what its findings could change.

    Attributes:
        examination: Code of the examination, or of the section that its findings belong to.
        rule: Id of the rule that asks for it; null if no rule does.
        facts: The missing findings, those that could change most first.
        could_change: As `red_flag:<id>=lock`, `likelihood=PROBABLE`, `differential:<id>`.
        could_lock: Whether an answer could lock treatment.
        could_hold: Whether an answer could hold it.
        weight: How many conclusions an answer could change.
    """

    examination: str
    rule: str | None
    facts: tuple[str, ...]
    could_change: tuple[str, ...]
    could_lock: bool
    could_hold: bool
    weight: int


class RulesetRef(Struct, frozen=True, kw_only=True):
    """The set of rules, by digest, and the evaluator that ran it.

    Attributes:
        version: Its version.
        sha256: The digest of its canonical content.
        evaluator: The program that judged by it.
    """

    version: str
    sha256: str
    evaluator: str


class Decision(Struct, frozen=True, kw_only=True):
    """What was decided about one revision of a case.

    Attributes:
        case_id: The case; null when nothing is stored.
        revision: Its revision; null when nothing is stored.
        on: ISO date that rules and ages were judged by.
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
        possible: Likelihoods that are still possible, highest first.
            CONFIRMED: A block or an operation has shown that a back mouse is the source.
            PROBABLE: A typical nodule, and nothing that speaks against it.
            POSSIBLE: It may be one; something is missing, or speaks against it.
            INCIDENTAL: A nodule is there, but it is not the source of the pain.
            UNLIKELY: What was found speaks against one.
            NOT-ASSESSABLE: Too little was examined to say.
        provisional: Whether more than one is.
        locked: Whether a red flag locks treatment.
        hold: Whether a red flag holds it.
        locks: Ids of the flags that lock.
        holds: Ids of the flags that hold.
        headline: What comes first; null without any.
        flags: The active red flags.
        undecided_flags: Ids of those that are neither active nor excluded.
        withheld: Which flags withhold which kind of treatment.
        screen: The red-flag screen.
        grounds: The recorded findings that make the headline's rule true.
        nodules: Each listed nodule.
        shown_nodule: Id of the nodule whose answer is the case's; null without any.
        lowered_by: Ids of the rules that lowered the likelihood.
        reasons: What speaks for and against, the strongest first.
        competitor_found: Whether another explanation competes; null if unknown.
        differentials: Other explanations.
        examinations: Examinations that are due.
        questions: At most three, ranked.
        block_proposed: Whether a diagnostic block is proposed; null if unknown.
        for_plan: Verdicts of the rules that a plan reads, by id; null is unknown.
        verdicts: One letter for each rule of the set, see `rules.catalogue.tally`.
        ruleset: The rules that it was made with.
    """

    case_id: str | None
    revision: int | None
    on: str
    category: Category
    likelihood: Likelihood
    possible: tuple[Likelihood, ...]
    provisional: bool
    locked: bool
    hold: bool
    locks: tuple[str, ...]
    holds: tuple[str, ...]
    headline: FlagRef | None
    flags: tuple[ActiveFlag, ...]
    undecided_flags: tuple[str, ...]
    withheld: Withheld
    screen: Screen
    grounds: tuple[str, ...]
    nodules: tuple[NoduleDecision, ...]
    shown_nodule: str | None
    lowered_by: tuple[str, ...]
    reasons: tuple[Reason, ...]
    competitor_found: bool | None
    differentials: tuple[Differential, ...]
    examinations: tuple[DueExamination, ...]
    questions: tuple[RankedQuestion, ...]
    block_proposed: bool | None
    for_plan: Mapping[str, bool | None]
    verdicts: str
    ruleset: RulesetRef
