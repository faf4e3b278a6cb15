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
        grade: Position of the grade that applies; None for the screen.
    """

    rule: str
    urgency: Urgency
    grade: int | None


class ActiveFlag(Struct, frozen=True, kw_only=True):
    """A red flag that is active, the most urgent first.

    Attributes:
        rule: Id of the rule.
        effect: Whether it locks treatment, holds it, or is only noted.
        urgency: How soon to act.
        grade: Position of the grade that applies, the most decisive being 0.
        withholds: Kinds of treatment that it withholds.
    """

    rule: str
    effect: Effect
    urgency: Urgency
    grade: int
    withholds: tuple[Group, ...]


class Withheld(Struct, frozen=True, kw_only=True):
    """Ids of the red flags that withhold each kind of treatment."""

    needle: tuple[str, ...]
    energy: tuple[str, ...]
    manual: tuple[str, ...]


class OpenItem(Struct, frozen=True, kw_only=True):
    """A question of the screen that is not answered, by its number."""

    n: int
    state: ItemState


class Screen(Struct, frozen=True, kw_only=True):
    """The minimal red-flag screen; it is complete with all its items and the age."""

    answered: int
    of: int
    complete: bool
    open: tuple[OpenItem, ...]


class NoduleDecision(Struct, frozen=True, kw_only=True):
    """What the decision list says of one nodule.

    Attributes:
        id: The client's name of the nodule.
        likelihood: Its own answer.
        possible: Answers that are still possible, highest first.
        line: Number of the line that ended the decision list.
        lowered_by: Ids of the rules that lowered it.
        fat_on_imaging: Whether imaging shows fat; None if unknown.
    """

    id: str
    likelihood: Likelihood
    possible: tuple[Likelihood, ...]
    line: str
    lowered_by: tuple[str, ...]
    fat_on_imaging: bool | None


class Differential(Struct, frozen=True, kw_only=True):
    """Another explanation: one that fits, or one to examine; the leading one first."""

    rule: str
    state: State
    competing: bool


class Examination(Struct, frozen=True, kw_only=True):
    """An examination that is due, and the rule that asks for it; the first one first."""

    rule: str
    examination: str


class Reason(Struct, frozen=True, kw_only=True):
    """A finding that speaks for or against a back mouse.

    Attributes:
        side: For or against.
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
        rule: Id of the rule that asks for it; None if no rule does.
        facts: The missing findings, those that could change most first.
        could_change: ``red_flag:<id>=lock``, ``likelihood=PROBABLE``, ``differential:<id>``.
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
    """The set of rules, by digest, and the evaluator that ran it."""

    version: str
    sha256: str
    evaluator: str


class Decision(Struct, frozen=True, kw_only=True):
    """What was decided about one revision of a case.

    Attributes:
        case_id: The case; None when nothing is stored.
        revision: Its revision; None when nothing is stored.
        on: ISO date that rules and ages were judged by.
        category: The likelihood, unless a red flag locks.
        likelihood: The likelihood of a back mouse.
        possible: Likelihoods that are still possible, highest first.
        provisional: Whether more than one is.
        locked: Whether a red flag locks treatment.
        hold: Whether a red flag holds it.
        locks: Ids of the flags that lock.
        holds: Ids of the flags that hold.
        headline: What comes first; None without any.
        flags: The active red flags.
        undecided_flags: Ids of those that are neither active nor excluded.
        withheld: Which flags withhold which kind of treatment.
        screen: The red-flag screen.
        grounds: The recorded findings that make the headline's rule true.
        nodules: Each listed nodule.
        shown_nodule: Id of the nodule whose answer is the case's; None without any.
        lowered_by: Ids of the rules that lowered the likelihood.
        reasons: What speaks for and against, the strongest first.
        competitor_found: Whether another explanation competes; None if unknown.
        differentials: Other explanations.
        examinations: Examinations that are due.
        questions: At most three, ranked.
        block_proposed: Whether a diagnostic block is proposed; None if unknown.
        for_plan: Verdicts of the rules that a plan reads, by id.
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
    examinations: tuple[Examination, ...]
    questions: tuple[RankedQuestion, ...]
    block_proposed: bool | None
    for_plan: Mapping[str, bool | None]
    verdicts: str
    ruleset: RulesetRef
