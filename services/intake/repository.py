"""Collections: cases with their revisions, and the results that other services reported."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, NamedTuple

import orjson
from sqlalchemy import (
    Connection,
    Row,
    Select,
    bindparam,
    exists,
    func,
    insert,
    select,
    tuple_,
    update,
)

from chassis.storage.bulk import among, defer_rows, insert_rows, tuples
from chassis.storage.deferred import defer
from intake.case import Case, Kind, Moment, Result, ResultSummary
from intake.models import AUDIT, CASES, RESULTS, REVISIONS

_EARLIER = "answered_earlier"
"""Beside the sections of a stored body; no section has this name."""

_AUDIT_ROWS = 100_000
"""Audit rows in which unfinished revisions are looked for; about 25,000 revisions."""


class RevisionKey(NamedTuple):
    """Names one revision of one clinic's case."""

    tenant_id: str
    case_id: str
    revision: int


@dataclass(frozen=True)
class RevisionEntry:
    """A revision in a list: what is stored of it, without its body."""

    case_id: str
    reference: str
    revision: int
    contact: str
    accepted: Moment
    opened: Moment


class Cases:
    """The cases of all clinics, seen from within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, case: Case) -> None:
        """Stores a case's first revision."""
        defer(self._connection, _ADD_CASE, _case_row(case))
        defer(self._connection, _ADD_REVISION, _revision_row(case))

    def revise(self, case: Case) -> None:
        """Stores a further revision; read the case with `for_change` in the same transaction."""
        changed = {"revision": case.revision, "reference": case.reference}
        self._connection.execute(
            update(CASES).where(*_is(CASES, case.tenant_id, case.case_id)).values(changed)
        )
        defer(self._connection, _ADD_REVISION, _revision_row(case))

    def get(self, tenant_id: str, case_id: str, revision: int | None = None) -> Case | None:
        """Returns a case as it stood at a revision, or as it stands now."""
        named = {"tenant": tenant_id, "case": case_id}
        if revision is None:
            return self._one(_NEWEST, named)
        return self._one(_AT_REVISION, named | {"revision": revision})

    def get_for_change(self, tenant_id: str, case_id: str) -> Case | None:
        """Returns a case as it stands now, locked until the transaction ends."""
        # a statement of its own: who has waited for the lock must not look at what was before
        self._connection.execute(_LOCK, {"tenant": tenant_id, "case": case_id})
        return self.get(tenant_id, case_id)

    def _one(self, query: Select[Any], named: dict[str, Any]) -> Case | None:
        row = self._connection.execute(query, named).first()
        return _case(row) if row is not None else None

    def page(
        self, tenant_id: str, limit: int, before: str | None, reference: str | None
    ) -> list[RevisionEntry]:
        """Returns cases newest first, each at its newest revision.

        Ids are time-ordered, so they are the order of the list and the place in it.
        """
        query = _LISTED.where(CASES.c.tenant_id == tenant_id)
        query = query.where(CASES.c.revision == REVISIONS.c.revision)
        if before is not None:
            query = query.where(CASES.c.case_id < before)
        if reference is not None:
            query = query.where(CASES.c.reference == reference)
        rows = self._connection.execute(query.order_by(CASES.c.case_id.desc()).limit(limit))
        return [_entry(row) for row in rows]

    def revisions(
        self, tenant_id: str, case_id: str, limit: int, before: int | None = None
    ) -> list[RevisionEntry]:
        """Returns the revisions of one case, newest first."""
        named = {"tenant": tenant_id, "case": case_id, "limit": limit}
        wanted = named if before is None else named | {"before": before}
        rows = self._connection.execute(_HISTORY if before is None else _HISTORY_BEFORE, wanted)
        return [_entry(row) for row in rows]

    def known(self, keys: Collection[RevisionKey]) -> set[RevisionKey]:
        """Returns those of the revisions that exist."""
        dialect = self._connection.dialect.name
        rows = self._connection.execute(_known(dialect), tuples(_REVISION, dialect, keys))
        return {RevisionKey(*row) for row in rows}


class StoredResult(NamedTuple):
    """A decision and its brief, exactly as they arrived."""

    decision: bytes
    brief: bytes


class Results:
    """What other services reported on revisions: decisions with their briefs, and stops."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_all(self, results: Sequence[Result], at: int) -> None:
        """Stores results with one statement; a stop never replaces a decision."""
        statement = _add_results(self._connection.dialect.name)
        defer_rows(self._connection, statement, [_result_row(result, at) for result in results])

    def summaries(self, keys: Iterable[RevisionKey]) -> dict[RevisionKey, list[ResultSummary]]:
        """Returns what is stored of each revision, without decisions and briefs."""
        dialect = self._connection.dialect.name
        rows = self._connection.execute(_summaries(dialect), tuples(_OF_REVISION, dialect, keys))
        summaries: dict[RevisionKey, list[ResultSummary]] = defaultdict(list)
        for tenant_id, case_id, revision, *columns in rows:
            key = RevisionKey(tenant_id, case_id, revision)
            summaries[key].append(ResultSummary(*columns))
        return summaries

    def unfinished(
        self, actions: Sequence[str], tenant_id: str | None, before_us: int, limit: int
    ) -> list[dict[str, Any]]:
        """Lists revisions accepted before a moment, without plan or stop, the oldest first.

        Looks at the newest audit rows only, so it costs the same however long the history is.
        """
        row = AUDIT.c
        of_case = (RESULTS.c.tenant_id == row.tenant_id, RESULTS.c.case_id == row.subject)
        this = RESULTS.c.revision == row.revision
        stop = RESULTS.c.stopped_by.is_not(None) & (RESULTS.c.revision <= row.revision)
        ended = exists().where(*of_case, (this & (RESULTS.c.kind == "plan")) | stop)
        assessed = exists().where(*of_case, this, RESULTS.c.kind == "assessment")
        newest = select(func.max(row.id)).scalar_subquery()
        chosen = select(
            row.tenant_id, row.subject, row.revision, row.at, assessed.label("assessed")
        )
        chosen = chosen.where(row.id > newest - _AUDIT_ROWS, row.action.in_(actions), ~ended)
        chosen = chosen.where(row.at <= before_us).order_by(row.id).limit(limit)
        if tenant_id is not None:
            chosen = chosen.where(row.tenant_id == tenant_id)
        return [_unfinished(found) for found in self._connection.execute(chosen)]

    def stops_before(self, keys: Collection[RevisionKey]) -> dict[RevisionKey, list[ResultSummary]]:
        """Returns the stops of earlier revisions, which hold these up; the newest stop last."""
        cases = {key[:2] for key in keys}
        place = (RESULTS.c.tenant_id, RESULTS.c.case_id)
        query = select(*place, RESULTS.c.revision, *_SUMMARY).order_by(RESULTS.c.revision)
        query = query.where(tuple_(*place).in_(cases), RESULTS.c.stopped_by.is_not(None))
        rows = self._connection.execute(query)
        stops = [(row[:2], row[2], ResultSummary(*row[3:])) for row in rows]
        return {
            key: [stop for case, revision, stop in stops if case == key[:2] and revision < key[2]]
            for key in keys
        }

    def get(self, key: RevisionKey) -> dict[Kind, StoredResult]:
        """Returns the decisions and briefs of a revision, by kind, exactly as they arrived."""
        dialect = self._connection.dialect.name
        rows = self._connection.execute(_decided(dialect), tuples(_OF_REVISION, dialect, [key]))
        return {kind: StoredResult(bytes(decision), bytes(brief)) for kind, decision, brief in rows}

    def newest_before(self, key: RevisionKey, kind: Kind) -> int | None:
        """Returns the newest earlier revision of the case that has a decision of a kind."""
        named = {"tenant": key.tenant_id, "case": key.case_id, "revision": key.revision}
        found = self._connection.execute(_NEWEST_BEFORE, named | {"kind": kind}).scalar()
        return int(found) if found is not None else None


# Made once: SQLAlchemy remembers on a statement how it is written in SQL.
_ADD_CASE = insert(CASES).values({c: bindparam(c.name) for c in CASES.c})
_ADD_REVISION = insert(REVISIONS).values({c: bindparam(c.name) for c in REVISIONS.c})
_SAME_CASE = (CASES.c.tenant_id == REVISIONS.c.tenant_id) & (CASES.c.case_id == REVISIONS.c.case_id)
_ENTRY = (
    CASES.c.case_id,
    CASES.c.reference,
    REVISIONS.c.revision,
    REVISIONS.c.contact,
    REVISIONS.c.accepted_on,
    REVISIONS.c.accepted_at,
    CASES.c.opened_on,
    CASES.c.opened_at,
)
_LISTED: Select[Any] = select(*_ENTRY).join_from(CASES, REVISIONS, _SAME_CASE)
_JOINED: Select[Any] = _LISTED.add_columns(CASES.c.tenant_id, REVISIONS.c.body)
_SUMMARY = (
    RESULTS.c.kind,
    RESULTS.c.outcome,
    RESULTS.c.headline,
    RESULTS.c.stopped_by,
    RESULTS.c.reason_code,
    RESULTS.c.noted_at,
)

_REVISION = (REVISIONS.c.tenant_id, REVISIONS.c.case_id, REVISIONS.c.revision)
_OF_REVISION = (RESULTS.c.tenant_id, RESULTS.c.case_id, RESULTS.c.revision)
_THIS_CASE = (CASES.c.tenant_id == bindparam("tenant"), CASES.c.case_id == bindparam("case"))
_NEWEST = _JOINED.where(*_THIS_CASE, CASES.c.revision == REVISIONS.c.revision)
_AT_REVISION = _JOINED.where(*_THIS_CASE, REVISIONS.c.revision == bindparam("revision"))
_LOCK = select(CASES.c.case_id).where(*_THIS_CASE).with_for_update()
_HISTORY = (
    _LISTED.where(*_THIS_CASE).order_by(REVISIONS.c.revision.desc()).limit(bindparam("limit"))
)
_HISTORY_BEFORE = _HISTORY.where(REVISIONS.c.revision < bindparam("before"))
_NEWEST_BEFORE = select(func.max(RESULTS.c.revision)).where(
    RESULTS.c.tenant_id == bindparam("tenant"),
    RESULTS.c.case_id == bindparam("case"),
    RESULTS.c.kind == bindparam("kind"),
    RESULTS.c.revision < bindparam("revision"),
    RESULTS.c.decision.is_not(None),
)


@cache
def _known(dialect: str) -> Any:
    return select(*_REVISION).where(among(_REVISION, dialect))


@cache
def _summaries(dialect: str) -> Any:
    return select(*_OF_REVISION, *_SUMMARY).where(among(_OF_REVISION, dialect))


@cache
def _decided(dialect: str) -> Any:
    columns = (RESULTS.c.kind, RESULTS.c.decision, RESULTS.c.brief)
    return select(*columns).where(among(_OF_REVISION, dialect), RESULTS.c.decision.is_not(None))


@cache
def _add_results(dialect: str) -> Any:
    statement = insert_rows(RESULTS, [column.name for column in RESULTS.columns], dialect)
    new = statement.excluded
    key = RESULTS.primary_key.columns
    names = [column.name for column in RESULTS.columns if column.name not in key]
    return statement.on_conflict_do_update(
        index_elements=key,
        set_={name: new[name] for name in names},
        where=new.decision.is_not(None) | RESULTS.c.decision.is_(None),
    )


def _unfinished(row: Row[Any]) -> dict[str, Any]:
    return {
        "tenant_id": row.tenant_id,
        "subject": row.subject,
        "revision": row.revision,
        "state": "assessed" if row.assessed else "submitted",
        "since": row.at,
    }


def _is(table: Any, tenant_id: str, case_id: str) -> tuple[Any, Any]:
    return (table.c.tenant_id == tenant_id, table.c.case_id == case_id)


def _case_row(case: Case) -> dict[str, Any]:
    return {
        "tenant_id": case.tenant_id,
        "case_id": case.case_id,
        "reference": case.reference,
        "revision": case.revision,
        "opened_on": case.opened.on.isoformat(),
        "opened_at": case.opened.at,
    }


def _revision_row(case: Case) -> dict[str, Any]:
    return {
        "tenant_id": case.tenant_id,
        "case_id": case.case_id,
        "revision": case.revision,
        "contact": case.contact,
        "accepted_on": case.accepted.on.isoformat(),
        "accepted_at": case.accepted.at,
        "body": orjson.dumps(_kept(case)),
    }


def _kept(case: Case) -> dict[str, Any]:
    """Returns the body as it is stored, the dates of earlier answers within it."""
    earlier = case.answered_earlier
    return {**case.body, _EARLIER: dict(earlier)} if earlier else dict(case.body)


def _result_row(result: Result, at: int) -> dict[str, Any]:
    return {
        "tenant_id": result.tenant_id,
        "case_id": result.case_id,
        "revision": result.revision,
        "kind": result.kind,
        "decision": result.decision,
        "brief": result.brief,
        "outcome": result.outcome,
        "headline": result.headline,
        "stopped_by": result.stopped_by,
        "reason_code": result.reason_code,
        "noted_at": at,
    }


def _entry(row: Row[Any]) -> RevisionEntry:
    accepted = Moment(date.fromisoformat(row.accepted_on), row.accepted_at)
    opened = Moment(date.fromisoformat(row.opened_on), row.opened_at)
    return RevisionEntry(row.case_id, row.reference, row.revision, row.contact, accepted, opened)


def _case(row: Row[Any]) -> Case:
    entry, body = _entry(row), orjson.loads(row.body)
    earlier = body.pop(_EARLIER, {})
    return Case(
        row.tenant_id,
        entry.case_id,
        entry.reference,
        entry.revision,
        row.contact,
        body,
        entry.accepted,
        entry.opened,
        earlier,
    )
