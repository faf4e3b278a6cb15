"""Collections: plans, and the guidance that made them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, select

from chassis.storage.bulk import among, defer_rows, insert_rows, tuples
from rules.catalogue.serving.rule_sets import RuleSets
from treatment.models import GUIDANCE, PLANS, RUNS


class CaseKey(NamedTuple):
    """Names one clinic's case."""

    tenant_id: str
    case_id: str


@dataclass(frozen=True)
class StoredPlan:
    """A plan as it is kept.

    Attributes:
        key: Whose it is.
        revision: Which revision of the case it is for.
        judged_on: The date that rules were judged by, as ISO text.
        document: The finished document, as it is served and sent.
        assessment: What the plan rests on of the assessment, as JSON.
        facts: The facts of the revision in sections, as JSON.
        previous_facts: Those of the revision before; None if there was none.
        outcome: `recommended` or `withheld`.
        guidance_sha256: The guidance.
        cause: Id of the message that asked for it.
        planned_at: Microseconds UTC.
    """

    key: CaseKey
    revision: int
    judged_on: str
    document: bytes
    assessment: bytes
    facts: bytes
    previous_facts: bytes | None
    outcome: str
    guidance_sha256: str
    cause: str
    planned_at: int


class Plans:
    """The plans of all clinics, seen from within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_all(self, plans: Sequence[StoredPlan]) -> None:
        """Stores plans with one statement; one made again takes its own place."""
        statement = _add(self._connection.dialect.name)
        defer_rows(self._connection, statement, [_row(plan) for plan in plans])

    def get(self, key: CaseKey, revision: int | None = None) -> StoredPlan | None:
        """Returns the plan of a revision, or the newest one that there is."""
        query = select(PLANS).where(*_is(key)).order_by(PLANS.c.revision.desc())
        if revision is not None:
            query = query.where(PLANS.c.revision == revision)
        row = self._connection.execute(query.limit(1)).first()
        return _plan(row) if row is not None else None

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


class GuidanceTexts(RuleSets):
    """The full text of all guidance that was ever run, and when."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, GUIDANCE, RUNS)


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


def _is(key: CaseKey) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return PLANS.c.tenant_id == key.tenant_id, PLANS.c.case_id == key.case_id


def _row(plan: StoredPlan) -> dict[str, Any]:
    return {
        "tenant_id": plan.key.tenant_id,
        "case_id": plan.key.case_id,
        "revision": plan.revision,
        "judged_on": plan.judged_on,
        "document": plan.document,
        "assessment": plan.assessment,
        "facts": plan.facts,
        "previous_facts": plan.previous_facts,
        "outcome": plan.outcome,
        "guidance_sha256": plan.guidance_sha256,
        "cause": plan.cause,
        "planned_at": plan.planned_at,
    }


def _plan(row: Any) -> StoredPlan:
    return StoredPlan(
        CaseKey(row.tenant_id, row.case_id),
        row.revision,
        row.judged_on,
        bytes(row.document),
        bytes(row.assessment),
        bytes(row.facts),
        bytes(row.previous_facts) if row.previous_facts is not None else None,
        row.outcome,
        row.guidance_sha256,
        row.cause,
        row.planned_at,
    )
