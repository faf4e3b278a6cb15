"""What intake can do; each function works in a transaction that its caller opened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from chassis import clock
from chassis.envelope import Message
from chassis.messaging.errors import Poison
from chassis.messaging.sending.outbox import Outbox
from chassis.storage.audit import Audit, AuditRow
from intake import events
from intake.case import (
    Case,
    Findings,
    Kind,
    Moment,
    Progress,
    Result,
    ResultSummary,
    correct,
    follow_up,
    held_up,
    is_planned,
    is_unchanged,
    open_case,
    progress,
)
from intake.events import Origin
from intake.models import AUDIT, OUTBOX
from intake.repository import Cases, Results, RevisionEntry, RevisionKey, StoredResult


class UnknownCase(Exception):
    """The clinic has no such case, or no such revision of it."""


@dataclass(frozen=True)
class RevisionProgress:
    """A revision in a list, with how far it has come.

    Attributes:
        entry: The revision.
        progress: How far.
        headline: The few words that lists show, as JSON: the plan's, else the assessment's.
    """

    entry: RevisionEntry
    progress: Progress
    headline: bytes | None


@dataclass(frozen=True)
class Overview:
    """A case at one of its revisions, and every result of that revision.

    Attributes:
        case: As it stood at the revision.
        shown: How far the revision has come.
        results: Decisions and briefs by kind.
        revisions: The newest revisions of the case, the newest first.
    """

    case: Case
    shown: RevisionProgress
    results: Mapping[Kind, StoredResult]
    revisions: Sequence[RevisionProgress]

    @property
    def newest(self) -> int:
        """The number of the newest accepted revision."""
        return self.revisions[0].entry.revision


@dataclass(frozen=True)
class NewestResult:
    """What the newest accepted revision has of one kind of result.

    Attributes:
        revision: The newest accepted revision, and how far it has come.
        stored: Its decision and brief; None while there are none.
        older: The newest earlier revision that has a decision of this kind, looked up without one.
    """

    revision: RevisionProgress
    stored: StoredResult | None
    older: int | None = None


def now() -> Moment:
    """Returns the moment at which something is accepted."""
    at = clock.now()
    return Moment(at.date(), int(at.timestamp() * 1_000_000))


def submit_case(
    connection: Connection,
    findings: Findings,
    tenant_id: str,
    document: Mapping[str, Any],
    origin: Origin,
) -> Case:
    """Accepts a new case: stores the case and its event, both or neither."""
    case = open_case(findings, tenant_id, clock.new_id(), document, now())
    Cases(connection).add(case)
    _publish(connection, findings, case, origin)
    return case


def case_to_change(connection: Connection, tenant_id: str, case_id: str) -> Case:
    """Returns the newest revision, locked until the transaction ends.

    Raises:
        UnknownCase: The clinic has no such case.
    """
    case = Cases(connection).get_for_change(tenant_id, case_id)
    if case is None:
        raise UnknownCase
    return case


def correct_case(
    connection: Connection,
    findings: Findings,
    case: Case,
    patch: Mapping[str, Any],
    origin: Origin,
) -> Case:
    """Accepts corrected or further findings as a new revision, which is processed anew.

    A patch that changes nothing makes none: returns the case as it is, without an event.
    """
    revised = correct(findings, case, patch, now())
    if is_unchanged(revised, case):
        return case
    Cases(connection).revise(revised)
    _publish(connection, findings, revised, origin)
    return revised


def follow_up_case(
    connection: Connection,
    findings: Findings,
    case: Case,
    entry: Mapping[str, Any],
    origin: Origin,
) -> Case:
    """Accepts another contact, and what was done since, as a new revision."""
    revised = follow_up(findings, case, entry, now())
    Cases(connection).revise(revised)
    _publish(connection, findings, revised, origin)
    return revised


def _publish(connection: Connection, findings: Findings, case: Case, origin: Origin) -> None:
    event = events.case_accepted(case, findings, origin)
    cause = (origin.actor, origin.request_id, case.accepted.at)
    row = AuditRow(case.tenant_id, case.case_id, case.revision, event.type, *cause)
    Audit(connection, AUDIT).add(row)
    Outbox(connection, OUTBOX).add(event)


def show_case(
    connection: Connection,
    tenant_id: str,
    case_id: str,
    revisions: int,
    revision: int | None = None,
) -> Overview:
    """Returns a case at its newest or at an earlier revision, with its progress and results.

    Args:
        connection: A reading one.
        tenant_id: The clinic.
        case_id: The case.
        revisions: How many of the newest revisions to list.
        revision: Which one to show; None is the newest.

    Raises:
        UnknownCase: The clinic has no such case, or no such revision of it.
    """
    listed = list_revisions(connection, tenant_id, case_id, revisions)
    number = listed[0].entry.revision if revision is None else revision
    case = Cases(connection).get(tenant_id, case_id, number)
    if case is None:
        raise UnknownCase
    shown = next((one for one in listed if one.entry.revision == number), None)
    if shown is None:  # older than the listed ones
        shown = list_revisions(connection, tenant_id, case_id, 1, number + 1)[0]
    results = Results(connection).get(RevisionKey(tenant_id, case_id, number))
    return Overview(case, shown, results, listed)


def newest_result(connection: Connection, tenant_id: str, case_id: str, kind: Kind) -> NewestResult:
    """Returns the result of a kind that the newest accepted revision has, or where an older one is.

    Raises:
        UnknownCase: The clinic has no such case.
    """
    (newest,) = list_revisions(connection, tenant_id, case_id, 1)
    key = RevisionKey(tenant_id, case_id, newest.entry.revision)
    results = Results(connection)
    if stored := results.get(key).get(kind):
        return NewestResult(newest, stored)
    return NewestResult(newest, None, results.newest_before(key, kind))


def list_cases(
    connection: Connection,
    tenant_id: str,
    limit: int,
    before: str | None = None,
    reference: str | None = None,
) -> list[RevisionProgress]:
    """Returns a page of cases, newest first, each at its newest revision."""
    entries = Cases(connection).page(tenant_id, limit, before, reference)
    return _with_progress(connection, tenant_id, entries)


def list_revisions(
    connection: Connection, tenant_id: str, case_id: str, limit: int, before: int | None = None
) -> list[RevisionProgress]:
    """Returns a page of a case's revisions, newest first.

    Raises:
        UnknownCase: The clinic has no such case.
    """
    entries = Cases(connection).revisions(tenant_id, case_id, limit, before)
    if not entries and before is None:
        raise UnknownCase
    return _with_progress(connection, tenant_id, entries)


def _with_progress(
    connection: Connection, tenant_id: str, entries: Sequence[RevisionEntry]
) -> list[RevisionProgress]:
    keys = [RevisionKey(tenant_id, entry.case_id, entry.revision) for entry in entries]
    results = _results(connection, keys)
    return [
        RevisionProgress(entry, progress(results.get(key, ())), _headline(results.get(key)))
        for entry, key in zip(entries, keys, strict=True)
    ]


def _headline(results: Sequence[ResultSummary] | None) -> bytes | None:
    headlines = {result.kind: result.headline for result in results or ()}
    return headlines.get("plan") or headlines.get("assessment")


def settled(connection: Connection, keys: Sequence[RevisionKey]) -> set[RevisionKey]:
    """Returns those of the revisions for which nobody need wait any longer."""
    results = _results(connection, keys)
    return {key for key, stored in results.items() if progress(stored).settled}


def _results(
    connection: Connection, keys: Sequence[RevisionKey]
) -> dict[RevisionKey, Sequence[ResultSummary]]:
    """Returns the results of each revision, and the earlier stops that hold it up."""
    collection = Results(connection)
    stored: dict[RevisionKey, Sequence[ResultSummary]] = {**collection.summaries(keys)}
    later = [key for key in keys if key.revision > 1 and not is_planned(stored.get(key, ()))]
    for key, stops in (collection.stops_before(later) if later else {}).items():
        stored[key] = held_up(stored.get(key, ()), stops)
    return stored


def note_results(connection: Connection, results: Sequence[Result]) -> None:
    """Notes what other services decided, or that they stopped; decides nothing.

    Raises:
        Poison: A result is about a revision that this service never accepted.
    """
    keys = [_key(result) for result in results]
    if set(keys) - Cases(connection).known(keys):
        raise Poison("unknown-revision", "an event is about a revision that was never accepted")
    at = clock.now_us()
    Results(connection).add_all(results, at)
    Audit(connection, AUDIT).add_all([_audit_row(result, at) for result in results])


def note_own_stop(connection: Connection, message: Message, reason_code: str) -> None:
    """Notes that a message could not be applied here, and publishes it."""
    event = events.processing_stopped(message, reason_code)
    # the message itself stays without an audit row until it is applied
    stop = replace(events.own_stop(message, reason_code), cause=event.event_id)
    if Cases(connection).known([_key(stop)]):
        note_results(connection, [stop])
    Outbox(connection, OUTBOX).add(event)


def unfinished(
    connection: Connection, tenant_id: str | None, before_us: int, limit: int
) -> list[dict[str, Any]]:
    """Lists revisions that were accepted before a moment and have neither a plan nor a stop.

    Args:
        connection: Any transaction.
        tenant_id: Whose; None for everybody's.
        before_us: The moment, microseconds UTC.
        limit: At most so many, the oldest first.
    """
    return Results(connection).unfinished(events.ACCEPTED, tenant_id, before_us, limit)


def _key(result: Result) -> RevisionKey:
    return RevisionKey(result.tenant_id, result.case_id, result.revision)


def _audit_row(result: Result, at: int) -> AuditRow:
    action = f"{result.kind}.stopped" if result.stopped_by else f"{result.kind}.noted"
    who = (result.tenant_id, result.case_id, result.revision)
    return AuditRow(*who, action, "intake", result.cause, at)
