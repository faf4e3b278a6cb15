"""What treatment reads of an assessment: typed, decoded from the decision of diagnosis."""

from typing import Literal

import msgspec

Likelihood = Literal[
    "CONFIRMED", "PROBABLE", "POSSIBLE", "INCIDENTAL", "UNLIKELY", "NOT-ASSESSABLE"
]


class Headline(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The red flag that comes first.

    Attributes:
        rule: Its id.
        urgency: `emergency`, `same_day`, `urgent`, `hold` or `routine`.
    """

    rule: str
    urgency: str


class Withheld(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Ids of the red flags that withhold a kind of treatment; None is unknown, so it withholds."""

    needle: tuple[str, ...] | None = None
    energy: tuple[str, ...] | None = None
    manual: tuple[str, ...] | None = None


class Screen(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whether every red-flag question has an answer that counts today."""

    complete: bool


class AssessedNodule(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was decided about one nodule.

    Attributes:
        id: As the clinic chose it.
        likelihood: That this nodule is the source of the pain.
        fat_on_imaging: Whether imaging is recorded as fat; None is unknown.
    """

    id: str
    likelihood: Likelihood
    fat_on_imaging: bool | None = None


class Differential(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Another explanation of the pain; the leading one stands first.

    Attributes:
        rule: Its id.
        state: `listed`, or what else diagnosis says of it.
    """

    rule: str
    state: str


class RankedQuestion(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A question that diagnosis asks.

    Attributes:
        facts: The facts that it would answer.
        could_change: Conclusions, such as `likelihood=PROBABLE`.
        could_lock: Whether an answer could lock treatment.
        could_hold: Whether an answer could hold it.
    """

    facts: tuple[str, ...] = ()
    could_change: tuple[str, ...] = ()
    could_lock: bool = False
    could_hold: bool = False


class Ruleset(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The rule set that made the assessment."""

    version: str
    sha256: str
    evaluator: str | None = None


class AssessmentCompleted(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The decision of diagnosis, as far as treatment reads it; unknown members are ignored.

    Attributes:
        case_id: None when nothing is stored.
        revision: None when nothing is stored.
        likelihood: That a nodule is the source of the pain, whatever a red flag says.
        locked: Whether a red flag locks all treatment.
        hold: Whether a red flag holds all treatment.
        headline: The red flag that comes first; None without one.
        locks: Ids of the red flags that lock, the most urgent first.
        holds: Ids of the red flags that hold.
        withheld: What an active red flag withholds, by kind of treatment.
        screen: How far the red-flag questions are answered.
        nodules: In the order of the facts.
        competitor_found: Whether a competing explanation is recorded; None is unknown.
        differentials: The leading one first.
        questions: The ranked questions of the assessment, in the order of its brief.
        for_plan: Verdicts of the rules that a plan reads, by rule id.
        ruleset: What made it.
    """

    case_id: str | None = None
    revision: int | None = None
    likelihood: Likelihood
    locked: bool
    hold: bool
    headline: Headline | None = None
    locks: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    withheld: Withheld = Withheld()
    screen: Screen
    nodules: tuple[AssessedNodule, ...] = ()
    competitor_found: bool | None = None
    differentials: tuple[Differential, ...] = ()
    questions: tuple[RankedQuestion, ...] = ()
    for_plan: dict[str, bool | None]
    ruleset: Ruleset | None = None
