"""What intake can do; each function works in a transaction that its door opened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from chassis import clock
from chassis.envelope import Message
from chassis.messaging.errors import Poison
from chassis.messaging.sending.outbox import Outbox
from chassis.storage.audit import Audit, AuditRow
from intake import case as domain
from intake import events
from intake.case import Case, Findings, Mark, Moment, Note, Progress
from intake.events import Origin
from intake.models import AUDIT, OUTBOX
from intake.repository import Cases, Documents, Entry, RevisionKey


class UnknownCase(Exception):
    """The clinic has no such case, or no such revision of it."""


@dataclass(frozen=True)
class Followed:
    """A revision in a list, with how far it has come.

    Attributes:
        entry: The revision.
        progress: How far.
        headlines: The words that lists show, as JSON, by kind of document.
    """

    entry: Entry
    progress: Progress
    headlines: Mapping[str, bytes]


@dataclass(frozen=True)
class Overview:
    """A case at one of its revisions, and everything heard about that revision.

    Attributes:
        case: As it stood at the revision.
        followed: How far the revision has come.
        documents: What was heard about it, by kind.
        revisions: The newest revisions of the case, the newest first.
    """

    case: Case
    followed: Followed
    documents: Mapping[str, bytes]
    revisions: Sequence[Followed]


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
    """Accepts a new case: the case and the event that tells of it, both or neither."""
    case = domain.open_case(findings, tenant_id, clock.new_id(), document, now())
    Cases(connection).add(case)
    _tell(connection, findings, case, origin)
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
    """Accepts corrected or further findings as a new revision, which travels the whole road.

    A patch that changes nothing makes none: the case comes back as it is, and nobody is told.
    """
    revised = domain.correct(findings, case, patch, now())
    if domain.is_unchanged(revised, case):
        return case
    Cases(connection).revise(revised)
    _tell(connection, findings, revised, origin)
    return revised


def follow_up_case(
    connection: Connection,
    findings: Findings,
    case: Case,
    entry: Mapping[str, Any],
    origin: Origin,
) -> Case:
    """Accepts another contact, and what was done since, as a new revision."""
    revised = domain.follow_up(findings, case, entry, now())
    Cases(connection).revise(revised)
    _tell(connection, findings, revised, origin)
    return revised


def _tell(connection: Connection, findings: Findings, case: Case, origin: Origin) -> None:
    event = events.case_told(case, findings, origin)
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
    """Returns a case at its newest or at an earlier revision, with its progress and documents.

    Args:
        connection: A reading one.
        tenant_id: The clinic.
        case_id: The case.
        revisions: How many of the newest revisions to list.
        revision: Which one to show; None is the newest.

    Raises:
        UnknownCase: The clinic has no such case, or no such revision of it.
    """
    case = Cases(connection).get(tenant_id, case_id, revision)
    if case is None:
        raise UnknownCase
    listed = list_revisions(connection, tenant_id, case_id, revisions)
    shown = next((one for one in listed if one.entry.revision == case.revision), None)
    if shown is None:  # an old one, far down the list
        shown = list_revisions(connection, tenant_id, case_id, 1, case.revision + 1)[0]
    documents = Documents(connection).get(RevisionKey(tenant_id, case_id, case.revision))
    return Overview(case, shown, documents, listed)


def list_cases(
    connection: Connection,
    tenant_id: str,
    limit: int,
    before: str | None = None,
    reference: str | None = None,
) -> list[Followed]:
    """Returns a page of cases, newest first."""
    return _followed(
        connection, tenant_id, Cases(connection).page(tenant_id, limit, before, reference)
    )


def list_revisions(
    connection: Connection, tenant_id: str, case_id: str, limit: int, before: int | None = None
) -> list[Followed]:
    """Returns a page of a case's revisions, newest first.

    Raises:
        UnknownCase: The clinic has no such case.
    """
    entries = Cases(connection).revisions(tenant_id, case_id, limit, before)
    if not entries and before is None:
        raise UnknownCase
    return _followed(connection, tenant_id, entries)


def _followed(connection: Connection, tenant_id: str, entries: Sequence[Entry]) -> list[Followed]:
    keys = [RevisionKey(tenant_id, entry.case_id, entry.revision) for entry in entries]
    marks = _marks(connection, keys)
    return [
        Followed(
            entry,
            domain.progress(marks.get(key, ())),
            {mark.kind: mark.headline for mark in marks.get(key, ()) if mark.headline},
        )
        for entry, key in zip(entries, keys, strict=True)
    ]


def settled(connection: Connection, keys: Sequence[RevisionKey]) -> set[RevisionKey]:
    """Returns those of the revisions for which nobody need wait any longer."""
    marks = _marks(connection, keys)
    return {key for key, known in marks.items() if domain.progress(known).settled}


def _marks(
    connection: Connection, keys: Sequence[RevisionKey]
) -> dict[RevisionKey, Sequence[Mark]]:
    """Returns what is known of each revision, and what holds it up."""
    documents = Documents(connection)
    marks: dict[RevisionKey, Sequence[Mark]] = {**documents.marks(keys)}
    later = [key for key in keys if key.revision > 1 and not domain.is_planned(marks.get(key, ()))]
    for key, stops in (documents.stops_before(later) if later else {}).items():
        marks[key] = domain.held_up(marks.get(key, ()), stops)
    return marks


def note_all(connection: Connection, notes: Sequence[Note]) -> None:
    """Notes what other services decided, or that they stopped; decides nothing.

    Raises:
        Poison: A note is about a revision that this service never accepted.
    """
    keys = [_key(note) for note in notes]
    if set(keys) - Cases(connection).known(keys):
        raise Poison("unknown-revision", "an event speaks of a revision that was never accepted")
    at = clock.now_us()
    Documents(connection).add_all(notes, at)
    Audit(connection, AUDIT).add_all([_noted(note, at) for note in notes])


def note_trouble(connection: Connection, message: Message, reason_code: str) -> None:
    """Notes that a message could not be applied here, and tells everybody."""
    told = events.processing_stopped(message, reason_code)
    # the message itself stays without an audit row until it is applied
    note = replace(events.heard_trouble(message, reason_code), cause=told.event_id)
    if Cases(connection).known([_key(note)]):
        note_all(connection, [note])
    Outbox(connection, OUTBOX).add(told)


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
    return Documents(connection).missing(events.TOLD, tenant_id, before_us, limit)


def _key(note: Note) -> RevisionKey:
    return RevisionKey(note.tenant_id, note.case_id, note.revision)


def _noted(note: Note, at: int) -> AuditRow:
    action = f"{note.kind}.stopped" if note.stopped_by else f"{note.kind}.noted"
    who = (note.tenant_id, note.case_id, note.revision)
    return AuditRow(*who, action, "intake", note.cause, at)
