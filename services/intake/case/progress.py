"""How far a revision has come, by the results that other services have reported on it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["assessment", "plan"]
State: TypeAlias = Literal["submitted", "assessed", "planned", "stopped"]


@dataclass(frozen=True)
class Result:
    """What another service reported on one revision: its decision, or that processing stopped.

    Attributes:
        tenant_id: The clinic.
        case_id: The case.
        revision: The revision that was processed.
        kind: What was decided, or is not decided for now.
        cause: The event's id.
        decision: The decision's bytes, served unchanged; None if processing stopped.
        brief: The brief's bytes, served unchanged; None if processing stopped.
        outcome: Of a plan: `recommended` or `withheld`.
        headline: JSON of the few words that lists show.
        stopped_by: The service that set the case aside.
        reason_code: Its reason.
    """

    tenant_id: str
    case_id: str
    revision: int
    kind: Kind
    cause: str
    decision: bytes | None = None
    brief: bytes | None = None
    outcome: str | None = None
    headline: bytes | None = None
    stopped_by: str | None = None
    reason_code: str | None = None


@dataclass(frozen=True)
class ResultSummary:
    """What is stored of a result, without decision and brief.

    Attributes:
        kind: Assessment or plan.
        outcome: Of a plan.
        headline: The few words that lists show, as JSON.
        stopped_by: None once the decision is there.
        reason_code: As `stopped_by`.
        at: Microseconds since 1970, UTC.
    """

    kind: Kind
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
        waiting_for: The result that comes next; None once planned.
        stopped_by: The service that set it aside.
        reason_code: Its reason.
    """

    state: State
    outcome: str | None = None
    waiting_for: Kind | None = None
    stopped_by: str | None = None
    reason_code: str | None = None

    @property
    def settled(self) -> bool:
        """Whether somebody who waits for the plan need not wait any longer."""
        return self.state in ("planned", "stopped")


def progress(results: Iterable[ResultSummary]) -> Progress:
    """Returns how far a revision has come.

    Results travel by two topics, so a plan may arrive before its assessment; then the revision is
    planned all the same.

    Args:
        results: What is stored of the revision: at most one result of each kind.
    """
    by_kind = {result.kind: result for result in results}
    plan, assessment = by_kind.get("plan"), by_kind.get("assessment")
    if plan is not None and plan.stopped_by is None:
        return Progress("planned", outcome=plan.outcome)
    for result in (assessment, plan):
        if result is not None and result.stopped_by is not None:
            return Progress("stopped", None, result.kind, result.stopped_by, result.reason_code)
    if assessment is not None:
        return Progress("assessed", waiting_for="plan")
    return Progress("submitted", waiting_for="assessment")


def is_planned(results: Iterable[ResultSummary]) -> bool:
    """Tells whether a revision has its plan, so that nothing can hold it up any more."""
    return any(result.kind == "plan" and result.stopped_by is None for result in results)


def held_up(
    results: Iterable[ResultSummary], stops: Iterable[ResultSummary]
) -> list[ResultSummary]:
    """Adds what holds a revision up: revisions are processed in order, so a stop holds later ones.

    Args:
        results: What is stored of the revision itself.
        stops: Stops of earlier revisions of the case, the newest last.

    Returns:
        At most one result of each kind; the revision's own take precedence.
    """
    earlier = {stop.kind: stop for stop in stops}
    return list({**earlier, **{result.kind: result for result in results}}.values())
