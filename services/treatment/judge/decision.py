"""The decision of treatment: codes, rule ids, numbers, dates and verdicts; no sentence in it."""

from typing import Literal

import msgspec

from treatment.judge.judging import BlockStatus, Status

Outcome = Literal["recommended", "withheld"]
Urgency = Literal["emergency", "same_day", "urgent", "routine"]
ReasonState = Literal["not_met", "unknown_ask", "found", "not_assessed", "recorded", "unanswered"]
CountedFrom = Literal["treatment_today", "today", "treatment"]
Result = Literal["responder", "partial", "non_responder", "worse", "unknown"]


class Struct(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Frozen, by name only; what has its default value is not written."""


class Reason(Struct, frozen=True, kw_only=True):
    """What stands against a treatment: a rule or a gate, and how.

    Attributes:
        rule: A rule that is found, unanswered or not in force.
        gate: A definition that is closed or unanswered; or `consent`.
        state: How it stands against the treatment.
            not_met: The gate is closed.
            unknown_ask: The gate is unanswered.
            found: The contraindication is found.
            unanswered: The contraindication is unanswered.
            not_assessed: The rule was not in force.
            recorded: The finding is recorded, but what decides on it is not.
    """

    rule: str | None = None
    gate: str | None = None
    state: ReasonState

    @property
    def name(self) -> str:
        """Returns the id of the rule or gate."""
        return self.rule or self.gate or ""


class ModalityDecision(Struct, frozen=True, kw_only=True):
    """The status of one treatment, and why.

    Attributes:
        modality: Its code.
        status: What may be done with it.
            offered: It may be offered.
            optional_unproven: It may be tried, but no study supports it.
            withheld: Something must be answered or met first.
            blocked: It must not be given.
        reasons: The first of what stands against it, in the order of precedence.
        further: How many more reasons there are; the document lists them.
        cautions: Rules that ask for care although the treatment is open.
    """

    modality: str
    status: Status
    reasons: tuple[Reason, ...] = ()
    further: int = 0
    cautions: tuple[str, ...] = ()


class Step(Struct, frozen=True, kw_only=True):
    """What comes next.

    Attributes:
        line: The line of the order of steps that holds, by name.
        code: The step.
        urgency: By when.
            emergency: Now, before anything else.
            same_day: Today.
            urgent: Within days.
            routine: At the next planned visit.
        waits: Whether its treatment still waits for answers.
    """

    line: str
    code: str
    urgency: Urgency
    waits: bool = False


class Referral(Struct, frozen=True, kw_only=True):
    """Where a locking red flag sends the patient, as keys of `referrals.toml`.

    Attributes:
        rule: The red flag that comes first.
        rules: All red flags that lock.
        urgency: Of the first.
        destination: Which entry says where; absent if there is none.
        delay: Which entry says how fast.
        also: Other red flags that send the patient somewhere of their own.
    """

    rule: str
    rules: tuple[str, ...]
    urgency: str
    destination: str | None = None
    delay: str
    also: tuple[str, ...] = ()


class Contact(Struct, frozen=True, kw_only=True):
    """When to look again.

    Attributes:
        rule: The rule that plans it.
        kind: `message`, `visit`, `review` or `later`.
        day: Days after what it is counted from.
        on: The date; absent while the date of the treatment is unknown.
        counted_from: What the days are counted from.
            treatment_today: A treatment on the day of the plan.
            today: The day of the plan.
            treatment: The last treatment.
    """

    rule: str
    kind: str
    day: int
    on: str | None = None
    counted_from: CountedFrom


class CareOutcome(Struct, frozen=True, kw_only=True):
    """How the last treatment worked.

    Attributes:
        result: In one word.
            responder: Pain fell enough.
            partial: Pain fell, but too little.
            non_responder: Pain did not fall.
            worse: Pain rose, or a new sign appeared.
            unknown: It cannot be judged.
        rule: The rule that says so; absent while it is unknown.
        also: Rules that say more about it.
        pain_before: The earliest score before the treatment.
        pain_just_before: The last score before it, where pain rose against that one.
        pain_after: The score at the latest follow-up contact.
        days: From the treatment to that contact.
    """

    result: Result
    rule: str | None = None
    also: tuple[str, ...] = ()
    pain_before: int | None = None
    pain_just_before: int | None = None
    pain_after: int | None = None
    days: int | None = None


class RankedQuestion(Struct, frozen=True, kw_only=True):
    """Something to ask or to examine, and what the answer could change.

    Attributes:
        topic: What the facts have in common, as `questions.toml` names it; or the fact itself.
        facts: The facts that are unknown.
        could_change: Conclusions: `step`, `diagnostic_block`, `modality:…`.
        alone: Whether one answer alone changes them, or only together with others.
    """

    topic: str
    facts: tuple[str, ...]
    could_change: tuple[str, ...]
    alone: bool = True


class RuleSetName(Struct, frozen=True, kw_only=True):
    """A rule set or guidance, and what evaluated it.

    Attributes:
        version: Its version.
        sha256: The digest of its canonical content.
        evaluator: The program that judged by it.
    """

    version: str
    sha256: str
    evaluator: str | None = None


class Decision(Struct, frozen=True, kw_only=True):
    """What treatment decides on one revision of a case.

    Attributes:
        case_id: The case; absent when nothing is stored.
        revision: Its revision; absent when nothing is stored.
        on: The date that rules were judged by, ISO 8601.
        outcome: Whether a step is recommended.
            recommended: A step is recommended.
            withheld: A red flag comes first; nothing at all may be applied.
        step: What comes next.
        referral: Where a locking red flag sends the patient; absent without one.
        modalities: Every treatment, in the order of the guidance.
        self_care: Rules on care that needs no release.
        diagnostic_block: Whether the block that diagnosis proposes is released.
            released: It may be done.
            withheld: Something must be answered or met first.
            not_applicable: Diagnosis does not propose one.
        follow_up: When to look again.
        outcome_of_care: How the last treatment worked; absent when it cannot be judged yet.
        if_it_fails: Rules on what comes next when the step does not help.
        safety_net: Rules on what brings the patient back at once.
        questions: At most three, the one that could change most first.
        verdicts: One letter for each rule of the guidance; see `rules.catalogue.tally`.
        guidance: What was judged by.
        ruleset: What made the assessment.
    """

    case_id: str | None = None
    revision: int | None = None
    on: str
    outcome: Outcome
    step: Step
    referral: Referral | None = None
    modalities: tuple[ModalityDecision, ...]
    self_care: tuple[str, ...] = ()
    diagnostic_block: BlockStatus
    follow_up: tuple[Contact, ...] = ()
    outcome_of_care: CareOutcome | None = None
    if_it_fails: tuple[str, ...] = ()
    safety_net: tuple[str, ...] = ()
    questions: tuple[RankedQuestion, ...] = ()
    verdicts: str
    guidance: RuleSetName
    ruleset: RuleSetName | None = None
