"""What intake answers, as typed classes: the API description is made from them.

The answers themselves are written by `views`, because decisions and briefs pass through unchanged,
byte for byte; a test reads every answer back by its class.
"""

from datetime import date, datetime
from typing import Any, Literal

from msgspec import Struct

from chassis.http.components import described_elsewhere
from intake.brief import Brief, Urgency

AssessmentDecision: Any = described_elsewhere("AssessmentDecision", "diagnosis", "Decision")
PreparedFacts: Any = described_elsewhere("PreparedFacts", "diagnosis", "EvaluatedFacts")
RecordedCase: Any = described_elsewhere("RecordedCase", "intake", "Prepare")
PlanDecision: Any = described_elsewhere("PlanDecision", "treatment", "Decision")

Contact = Literal["first", "follow_up", "correction"]
State = Literal["submitted", "assessed", "planned", "stopped"]
Outcome = Literal["recommended", "withheld"]
Kind = Literal["assessment", "plan"]


class Stopped(Struct, frozen=True, kw_only=True):
    """Why a revision cannot be processed further by itself.

    Attributes:
        by: The service that set it aside.
        reason_code: Its reason, for whoever operates the system.
    """

    by: str
    reason_code: str


class Progress(Struct, frozen=True, kw_only=True):
    """How far a revision has come.

    Attributes:
        state: The farthest that is known.
            submitted: Accepted; its assessment is on its way.
            assessed: Its assessment is there; its plan is on its way.
            planned: Its plan is there.
            stopped: It cannot go on by itself; `stopped` says why.
        outcome: What the plan is; null until it is there.
            recommended: A step is recommended.
            withheld: A red flag comes first; nothing is planned for the nodule.
        waiting_for: The result that comes next; null once the plan is there.
            assessment: The decision of diagnosis.
            plan: The decision of treatment.
        stopped: Why it stopped; null unless it has.
    """

    state: State
    outcome: Outcome | None
    waiting_for: Kind | None
    stopped: Stopped | None


class Summary(Struct, frozen=True, kw_only=True):
    """The few words of the brief that lists show; each is null while there is no brief.

    Attributes:
        action: What to do.
        urgency: How soon.
            emergency: Now, before anything else.
            same_day: Today.
            urgent: Within days.
            routine: At the next planned visit.
        category: The code of the likelihood; null while a red flag locks.
        likely: The likelihood in one sentence; null while a red flag locks.
    """

    action: str | None
    urgency: Urgency | None
    category: str | None
    likely: str | None


class Accepted(Struct, frozen=True, kw_only=True):
    """A case, a correction or a follow-up that was accepted and stored.

    Attributes:
        case_id: The case.
        revision: The revision that was made.
        progress: How far it has come.
        links: Addresses by name.
    """

    case_id: str
    revision: int
    progress: Progress
    links: dict[str, str]


class Prepared(Struct, frozen=True, kw_only=True):
    """A submission as events carry it.

    Attributes:
        on: The day by which its dates were judged.
        facts: As both `:evaluate` take them, the record of care with them.
    """

    on: date
    facts: PreparedFacts


class Revision(Struct, frozen=True, kw_only=True):
    """A revision, and how far it has come.

    Attributes:
        revision: Its number, from 1.
        contact: What made it.
            first: The submission of the case.
            follow_up: A further contact.
            correction: Corrected or added findings.
        on: The UTC date of its acceptance, by which it is judged.
        accepted_at: When it was accepted.
        progress: How far it has come.
    """

    revision: int
    contact: Contact
    on: date
    accepted_at: datetime
    progress: Progress


class RevisionEntry(Revision, frozen=True, kw_only=True):
    """A revision in a list.

    Attributes:
        revision: Its number, from 1.
        contact: What made it.
            first: The submission of the case.
            follow_up: A further contact.
            correction: Corrected or added findings.
        on: The UTC date of its acceptance, by which it is judged.
        accepted_at: When it was accepted.
        progress: How far it has come.
        summary: The few words of its brief.
        links: Addresses by name.
    """

    summary: Summary
    links: dict[str, str]


class RevisionList(Struct, frozen=True, kw_only=True):
    """A page of a case's revisions.

    Attributes:
        case_id: The case.
        revisions: The newest first.
    """

    case_id: str
    revisions: list[RevisionEntry]


class CaseEntry(RevisionEntry, frozen=True, kw_only=True):
    """A case in a list, at its newest revision.

    Attributes:
        revision: Its newest revision.
        contact: What made that revision.
            first: The submission of the case.
            follow_up: A further contact.
            correction: Corrected or added findings.
        on: The UTC date of the revision's acceptance, by which it is judged.
        accepted_at: When the revision was accepted.
        progress: How far the revision has come.
        summary: The few words of its brief.
        links: Addresses by name.
        case_id: The case.
        reference: The clinic's own name for the patient.
        opened_at: When its first revision was accepted.
    """

    case_id: str
    reference: str
    opened_at: datetime


class CaseList(Struct, frozen=True, kw_only=True):
    """A page of cases.

    Attributes:
        cases: The newest first.
    """

    cases: list[CaseEntry]


class CaseView(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A case at one revision. What was not asked for, or is not there yet, is absent.

    Attributes:
        case_id: The case.
        reference: The clinic's own name for the patient.
        revision: The revision that is shown.
        newest_revision: The newest accepted revision of the case.
        contact: What made the revision.
            first: The submission of the case.
            follow_up: A further contact.
            correction: Corrected or added findings.
        on: The UTC date of the revision's acceptance, by which it is judged.
        accepted_at: When the revision was accepted.
        opened_at: When the case's first revision was accepted.
        progress: How far the revision has come.
        links: Addresses by name; `assessment_document` and `plan_document` are the full texts.
        brief: The one screen: treatment's once there is a plan, until then diagnosis'.
        assessment: The decision of diagnosis.
        plan: The decision of treatment.
        case: What was recorded, as `POST /v1/cases:prepare` takes it.
        revisions: The newest revisions of the case, the newest first.
    """

    case_id: str
    reference: str
    revision: int
    newest_revision: int
    contact: Contact
    on: date
    accepted_at: datetime
    opened_at: datetime
    progress: Progress
    links: dict[str, str]
    brief: Brief | None = None
    assessment: AssessmentDecision | None = None
    plan: PlanDecision | None = None
    case: RecordedCase | None = None
    revisions: list[Revision] | None = None


class AssessmentResult(Struct, frozen=True, kw_only=True):
    """The assessment of a case's newest revision.

    Attributes:
        case_id: The case.
        revision: The newest accepted revision.
        on: The UTC date of its acceptance, by which it is judged.
        kind: What was decided.
            assessment: How likely each cause is.
        decision: The decision of diagnosis.
        brief: The screen of diagnosis.
        links: Addresses by name; `assessment_document` is the full text.
    """

    case_id: str
    revision: int
    on: date
    kind: Literal["assessment"]
    decision: AssessmentDecision
    brief: Brief
    links: dict[str, str]


class PlanResult(Struct, frozen=True, kw_only=True):
    """The plan of a case's newest revision.

    Attributes:
        case_id: The case.
        revision: The newest accepted revision.
        on: The UTC date of its acceptance, by which it is judged.
        kind: What was decided.
            plan: What to offer, and what not.
        decision: The decision of treatment.
        brief: The screen of treatment.
        links: Addresses by name; `plan_document` is the full text.
    """

    case_id: str
    revision: int
    on: date
    kind: Literal["plan"]
    decision: PlanDecision
    brief: Brief
    links: dict[str, str]
