"""The cases of all clinics, with their revisions."""

from collections.abc import Collection
from datetime import date
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Connection, Row, Select, bindparam, insert, select, update

from chassis.storage.bulk import among, tuples
from chassis.storage.deferred import defer
from intake.case import Case, Moment
from intake.models import CASES, REVISIONS
from intake.repository.keys import RevisionEntry, RevisionKey

_EARLIER = "answered_earlier"
"""Beside the sections of a stored body; no section has this name."""


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
_REVISION = (REVISIONS.c.tenant_id, REVISIONS.c.case_id, REVISIONS.c.revision)
_THIS_CASE = (CASES.c.tenant_id == bindparam("tenant"), CASES.c.case_id == bindparam("case"))
_NEWEST = _JOINED.where(*_THIS_CASE, CASES.c.revision == REVISIONS.c.revision)
_AT_REVISION = _JOINED.where(*_THIS_CASE, REVISIONS.c.revision == bindparam("revision"))
_LOCK = select(CASES.c.case_id).where(*_THIS_CASE).with_for_update()
_HISTORY = (
    _LISTED.where(*_THIS_CASE).order_by(REVISIONS.c.revision.desc()).limit(bindparam("limit"))
)
_HISTORY_BEFORE = _HISTORY.where(REVISIONS.c.revision < bindparam("before"))


@cache
def _known(dialect: str) -> Any:
    return select(*_REVISION).where(among(_REVISION, dialect))


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
