"""Collections: assessments, and the rulesets that made them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from chassis.storage.bulk import among, defer_rows, insert_rows, tuples
from diagnosis.models import ASSESSMENTS, RULESETS, RUNS
from rules.catalogue.serving.rule_sets import RuleSets


class CaseKey(NamedTuple):
    """Names one clinic's case."""

    tenant_id: str
    case_id: str


@dataclass(frozen=True)
class StoredAssessment:
    """An assessment as it is kept.

    Attributes:
        key: Whose it is.
        revision: Which revision of the case it judges.
        judged_on: The date that rules and ages were judged by, as ISO text.
        document: The finished document, as it is served and sent.
        facts: The facts it rests on, as flat JSON.
        trace: What was found for each rule and leaf, compact.
        active_flags: Ids of the active red flags.
        ruleset_sha256: The ruleset.
        cause: Id of the message that asked for it.
        assessed_at: Microseconds UTC.
    """

    key: CaseKey
    revision: int
    judged_on: str
    document: bytes
    facts: bytes
    trace: bytes
    active_flags: Sequence[str]
    ruleset_sha256: str
    cause: str
    assessed_at: int


class Assessments:
    """The assessments of all clinics, seen from within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_all(self, assessments: Sequence[StoredAssessment]) -> None:
        """Stores assessments with one statement; one made again takes its own place."""
        statement = _add(self._connection.dialect.name)
        defer_rows(self._connection, statement, [_row(assessment) for assessment in assessments])

    def get(self, key: CaseKey, revision: int | None = None) -> StoredAssessment | None:
        """Returns the assessment of a revision, or the newest one that there is."""
        query = select(ASSESSMENTS).where(*_is(key)).order_by(ASSESSMENTS.c.revision.desc())
        if revision is not None:
            query = query.where(ASSESSMENTS.c.revision == revision)
        row = self._connection.execute(query.limit(1)).first()
        return _assessment(row) if row is not None else None

    def flags_before(self, revisions: Mapping[CaseKey, int]) -> dict[CaseKey, frozenset[str]]:
        """Returns the red flags that were active in the newest assessment before each revision."""
        revised = [tuple(key) for key, revision in revisions.items() if revision > 1]
        rows = self._earlier_than(revised) if revised else ()
        found = ((CaseKey(row.tenant_id, row.case_id), row) for row in rows)
        return {
            key: frozenset(row.active_flags.split())
            for key, row in found  # oldest first, so the newest stays
            if row.revision < revisions[key]
        }

    def _earlier_than(self, cases: Sequence[tuple[str, ...]]) -> Any:
        dialect = self._connection.dialect.name
        return self._connection.execute(_earlier(dialect), tuples(_CASE, dialect, cases))


class Rulesets(RuleSets):
    """The full text of each ruleset that was ever run, and when."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, RULESETS, RUNS)


# Made once: SQLAlchemy remembers on a statement how it is written in SQL.
_CASE = (ASSESSMENTS.c.tenant_id, ASSESSMENTS.c.case_id)


@cache
def _earlier(dialect: str) -> Any:
    chosen = select(*_CASE, ASSESSMENTS.c.revision, ASSESSMENTS.c.active_flags)
    return chosen.where(among(_CASE, dialect)).order_by(ASSESSMENTS.c.revision)


@cache
def _add(dialect: str) -> Any:
    statement = insert_rows(ASSESSMENTS, [column.name for column in ASSESSMENTS.columns], dialect)
    names = [column.name for column in ASSESSMENTS.columns if not column.primary_key]
    return statement.on_conflict_do_update(
        index_elements=ASSESSMENTS.primary_key.columns,
        set_={name: statement.excluded[name] for name in names},
    )


def _is(key: CaseKey) -> tuple[Any, Any]:
    return ASSESSMENTS.c.tenant_id == key.tenant_id, ASSESSMENTS.c.case_id == key.case_id


def _row(assessment: StoredAssessment) -> dict[str, Any]:
    return {
        "tenant_id": assessment.key.tenant_id,
        "case_id": assessment.key.case_id,
        "revision": assessment.revision,
        "judged_on": assessment.judged_on,
        "document": assessment.document,
        "facts": assessment.facts,
        "trace": assessment.trace,
        "active_flags": " ".join(assessment.active_flags),
        "ruleset_sha256": assessment.ruleset_sha256,
        "cause": assessment.cause,
        "assessed_at": assessment.assessed_at,
    }


def _assessment(row: Any) -> StoredAssessment:
    return StoredAssessment(
        CaseKey(row.tenant_id, row.case_id),
        row.revision,
        row.judged_on,
        bytes(row.document),
        bytes(row.facts),
        bytes(row.trace),
        row.active_flags.split(),
        row.ruleset_sha256,
        row.cause,
        row.assessed_at,
    )
