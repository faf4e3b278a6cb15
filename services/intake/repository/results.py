"""The results that other services reported on revisions."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, exists, func, select, tuple_

from chassis.storage.bulk import among, defer_rows, insert_rows, tuples
from intake.case import Kind, Result, ResultSummary
from intake.models import AUDIT, RESULTS
from intake.repository.keys import RevisionKey

_AUDIT_ROWS = 100_000
"""Audit rows in which unfinished revisions are looked for; about 25,000 revisions."""


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
_SUMMARY = (
    RESULTS.c.kind,
    RESULTS.c.outcome,
    RESULTS.c.headline,
    RESULTS.c.stopped_by,
    RESULTS.c.reason_code,
    RESULTS.c.noted_at,
)

_OF_REVISION = (RESULTS.c.tenant_id, RESULTS.c.case_id, RESULTS.c.revision)
_NEWEST_BEFORE = select(func.max(RESULTS.c.revision)).where(
    RESULTS.c.tenant_id == bindparam("tenant"),
    RESULTS.c.case_id == bindparam("case"),
    RESULTS.c.kind == bindparam("kind"),
    RESULTS.c.revision < bindparam("revision"),
    RESULTS.c.decision.is_not(None),
)


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
