"""How far a revision has come, by the events of the services that work on it alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

Document: TypeAlias = Literal["assessment", "plan"]
State: TypeAlias = Literal["submitted", "assessed", "planned", "stopped"]


@dataclass(frozen=True)
class Note:
    """What was heard about one revision: a finished document, or that work on it stopped.

    Attributes:
        tenant_id: The clinic.
        case_id: The case.
        revision: The revision that it is about.
        kind: Which document was finished, or is not coming for now.
        document: Its bytes, served unchanged; None if work stopped.
        outcome: Of a plan: `recommended` or `withheld`.
        headline: JSON of the few words that lists show.
        stopped_by: The service that set the case aside.
        reason_code: Its reason.
        cause: The event's id.
    """

    tenant_id: str
    case_id: str
    revision: int
    kind: Document
    cause: str
    document: bytes | None = None
    outcome: str | None = None
    headline: bytes | None = None
    stopped_by: str | None = None
    reason_code: str | None = None


@dataclass(frozen=True)
class Mark:
    """What is stored of a note, without the document.

    Attributes:
        kind: Which document.
        outcome: Of a plan.
        headline: The few words that lists show, as JSON.
        stopped_by: None once the document is there.
        reason_code: As `stopped_by`.
        at: Microseconds since 1970, UTC.
    """

    kind: Document
    outcome: str | None
    headline: bytes | None
    stopped_by: str | None
    reason_code: str | None
    at: int


@dataclass(frozen=True)
class Progress:
    """How far one revision has come.

    Attributes:
        state: The farthest that is known; `stopped` if it cannot go on by itself.
        outcome: `recommended` or `withheld` once planned.
        waiting_for: The document that comes next; None at the end of the road.
        stopped_by: The service that set it aside.
        reason_code: Its reason.
    """

    state: State
    outcome: str | None = None
    waiting_for: Document | None = None
    stopped_by: str | None = None
    reason_code: str | None = None

    @property
    def settled(self) -> bool:
        """Whether somebody who waits for the plan need not wait any longer."""
        return self.state in ("planned", "stopped")


def progress(marks: Iterable[Mark]) -> Progress:
    """Return how far a revision has come.

    The documents travel by two topics, so a plan may be heard of before its assessment; then the
    case is planned all the same.

    Args:
        marks: What is stored of the revision: at most one for each kind of document.
    """
    by_kind = {mark.kind: mark for mark in marks}
    plan, assessment = by_kind.get("plan"), by_kind.get("assessment")
    if plan is not None and plan.stopped_by is None:
        return Progress("planned", outcome=plan.outcome)
    for mark in (assessment, plan):
        if mark is not None and mark.stopped_by is not None:
            return Progress("stopped", None, mark.kind, mark.stopped_by, mark.reason_code)
    if assessment is not None:
        return Progress("assessed", waiting_for="plan")
    return Progress("submitted", waiting_for="assessment")


def is_planned(marks: Iterable[Mark]) -> bool:
    """Tells whether a revision has its plan, so that nothing can hold it up any more."""
    return any(mark.kind == "plan" and mark.stopped_by is None for mark in marks)


def held_up(marks: Iterable[Mark], stops: Iterable[Mark]) -> list[Mark]:
    """Adds what holds a revision up: a case goes on in order, so a stop stops what comes later.

    Args:
        marks: What is stored of the revision itself.
        stops: Stops of earlier revisions of the case, the newest last.

    Returns:
        At most one mark for each kind of document; the revision's own come first.
    """
    earlier = {stop.kind: stop for stop in stops}
    return list({**earlier, **{mark.kind: mark for mark in marks}}.values())
