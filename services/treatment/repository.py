"""Collections: plans, what was served of them, and the guidance and wording that made them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, select

from chassis.storage.bulk import among, defer_rows, insert_rows, tuples
from chassis.storage.database import upsert
from rules.catalogue.serving.judgements import newest_judged
from rules.catalogue.serving.rule_sets import RuleSets
from rules.language.sentences import Sentences
from treatment.models import GUIDANCE, JUDGEMENTS, PLANS, RUNS, SERVED, WORDINGS


class CaseKey(NamedTuple):
    """Names one clinic's case."""

    tenant_id: str
    case_id: str


@dataclass(frozen=True)
class StoredPlan:
    """A plan as it is kept, and everything that it was made from.

    Attributes:
        key: Whose it is.
        revision: Which revision of the case it is for.
        judged_on: The date that rules were judged by, as ISO text.
        facts: The facts of the revision in sections, as JSON.
        previous_facts: Those of the revision before; None if there was none.
        assessment: The decision of diagnosis, as far as a plan rests on it, as JSON.
        assessment_brief: The brief of diagnosis, as JSON.
        decision: The decision, as it is sent.
        brief: The brief, as it is sent.
        outcome: `recommended` or `withheld`.
        guidance_sha256: The guidance.
        wording_sha256: The wording.
        cause: Id of the message that asked for it.
        planned_at: Microseconds UTC.
    """

    key: CaseKey
    revision: int
    judged_on: str
    facts: bytes
    previous_facts: bytes | None
    assessment: bytes
    assessment_brief: bytes
    decision: bytes
    brief: bytes
    outcome: str
    guidance_sha256: str
    wording_sha256: str
    cause: str
    planned_at: int


_BYTES = ("facts", "previous_facts", "assessment", "assessment_brief", "decision", "brief")
_COLUMNS = tuple(field.name for field in fields(StoredPlan) if field.name != "key")


class Plans:
    """The plans of all clinics, seen from within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_all(self, plans: Sequence[StoredPlan]) -> None:
        """Stores plans with one statement; one made again takes its own place."""
        statement = _add(self._connection.dialect.name)
        defer_rows(self._connection, statement, [_row(plan) for plan in plans])

    def get(self, key: CaseKey, revision: int) -> StoredPlan | None:
        """Returns the plan of a revision."""
        query = select(PLANS).where(
            PLANS.c.tenant_id == key.tenant_id,
            PLANS.c.case_id == key.case_id,
            PLANS.c.revision == revision,
        )
        row = self._connection.execute(query).first()
        return _plan(row) if row is not None else None

    def newest(self, tenant_id: str) -> list[StoredPlan]:
        """Returns the newest plans of a clinic, a few hundred at most."""
        newest = newest_judged(JUDGEMENTS, tenant_id)
        same = (
            PLANS.c.tenant_id == tenant_id,
            PLANS.c.case_id == newest.c.subject,
            PLANS.c.revision == newest.c.revision,
        )
        rows = self._connection.execute(select(PLANS).join(newest, and_(*same)))
        return [_plan(row) for row in rows]

    def facts_before(self, revisions: Mapping[CaseKey, int]) -> dict[CaseKey, bytes]:
        """Returns the facts of the newest planned revision before each of these revisions."""
        revised = [tuple(key) for key, revision in revisions.items() if revision > 1]
        rows = self._earlier_than(revised) if revised else ()
        found = ((CaseKey(row.tenant_id, row.case_id), row) for row in rows)
        return {
            key: bytes(row.facts)
            for key, row in found  # oldest first, so the newest stays
            if row.revision < revisions[key]
        }

    def _earlier_than(self, cases: Sequence[tuple[str, ...]]) -> Any:
        dialect = self._connection.dialect.name
        return self._connection.execute(_earlier(dialect), tuples(_CASE, dialect, cases))


class Served:
    """Digests of the documents that were served first, by representation."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, key: CaseKey, revision: int, representation: str, sha256: str, at: int) -> None:
        """Keeps the digest of what is served now; what was served before stays."""
        row = {
            "tenant_id": key.tenant_id,
            "case_id": key.case_id,
            "revision": revision,
            "representation": representation,
            "sha256": sha256,
            "served_at": at,
        }
        statement = upsert(SERVED, self._connection.dialect.name).on_conflict_do_nothing()
        self._connection.execute(statement, row)

    def of(self, key: CaseKey, revision: int) -> dict[str, str]:
        """Returns the digests by representation."""
        query = select(SERVED.c.representation, SERVED.c.sha256).where(
            SERVED.c.tenant_id == key.tenant_id,
            SERVED.c.case_id == key.case_id,
            SERVED.c.revision == revision,
        )
        rows = self._connection.execute(query.order_by(SERVED.c.representation))
        return {row.representation: row.sha256 for row in rows}


class GuidanceTexts(RuleSets):
    """The full text of all guidance that was ever run, and when."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, GUIDANCE, RUNS)


class Wordings:
    """The full text of every wording that a plan was ever written with."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, sentences: Sentences, at: int) -> None:
        """Keeps the full text of a wording; what is known already is left alone."""
        row = {
            "sha256": sentences.sha256,
            "version": sentences.version,
            "content": sentences.canonical(),
            "first_used_at": at,
        }
        statement = upsert(WORDINGS, self._connection.dialect.name).on_conflict_do_nothing()
        self._connection.execute(statement, row)

    def get(self, sha256: str) -> Sentences:
        """Brings back a wording.

        Raises:
            LookupError: It was never kept.
        """
        query = select(WORDINGS.c.content).where(WORDINGS.c.sha256 == sha256)
        content = self._connection.execute(query).scalar_one_or_none()
        if content is None:
            raise LookupError(f"the wording {sha256} was not kept")
        return Sentences.from_canonical(bytes(content))


# Made once: SQLAlchemy remembers on a statement how it is written in SQL.
_CASE = (PLANS.c.tenant_id, PLANS.c.case_id)


@cache
def _earlier(dialect: str) -> Any:
    chosen = select(*_CASE, PLANS.c.revision, PLANS.c.facts)
    return chosen.where(among(_CASE, dialect)).order_by(PLANS.c.revision)


@cache
def _add(dialect: str) -> Any:
    statement = insert_rows(PLANS, [column.name for column in PLANS.columns], dialect)
    names = [column.name for column in PLANS.columns if not column.primary_key]
    return statement.on_conflict_do_update(
        index_elements=PLANS.primary_key.columns,
        set_={name: statement.excluded[name] for name in names},
    )


def _row(plan: StoredPlan) -> dict[str, Any]:
    case = {"tenant_id": plan.key.tenant_id, "case_id": plan.key.case_id}
    return case | {name: getattr(plan, name) for name in _COLUMNS}


def _plan(row: Any) -> StoredPlan:
    values = {name: getattr(row, name) for name in _COLUMNS}
    content = {name: bytes(values[name]) for name in _BYTES if values[name] is not None}
    return StoredPlan(CaseKey(row.tenant_id, row.case_id), **(values | content))
