"""Collections: assessments, the rules and wording that made them, and what was served."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, select

from chassis.storage.bulk import among, defer_rows, insert_rows, tuples
from chassis.storage.database import upsert
from diagnosis.models import ASSESSMENTS, JUDGEMENTS, RULESETS, RUNS, SERVED, WORDINGS
from rules.catalogue.serving.judgements import newest_judged
from rules.catalogue.serving.rule_sets import RuleSets
from rules.language.sentences import Sentences


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
        decision: The decision, as it is sent.
        brief: Its brief, as it is sent.
        facts: The facts it rests on, as flat JSON.
        active_flags: Ids of the active red flags.
        ruleset_sha256: The ruleset.
        wording_sha256: The wording that the brief was written with.
        cause: Id of the message that asked for it.
        assessed_at: Microseconds UTC.
    """

    key: CaseKey
    revision: int
    judged_on: str
    decision: bytes
    brief: bytes
    facts: bytes
    active_flags: Sequence[str]
    ruleset_sha256: str
    wording_sha256: str
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

    def newest(self, tenant_id: str) -> list[StoredAssessment]:
        """Returns the newest assessments of a clinic, a few hundred at most."""
        newest = newest_judged(JUDGEMENTS, tenant_id)
        same = (
            ASSESSMENTS.c.tenant_id == tenant_id,
            ASSESSMENTS.c.case_id == newest.c.subject,
            ASSESSMENTS.c.revision == newest.c.revision,
        )
        rows = self._connection.execute(select(ASSESSMENTS).join(newest, and_(*same)))
        return [_assessment(row) for row in rows]

    def flags_before(self, revisions: Mapping[CaseKey, int]) -> dict[CaseKey, frozenset[str]]:
        """Returns the red flags that were active in the newest assessment before each revision."""
        revised = [tuple(key) for key, revision in revisions.items() if revision > 1]
        rows = self._earlier_than(revised) if revised else ()
        keyed = ((CaseKey(row.tenant_id, row.case_id), row) for row in rows)
        return {
            key: frozenset(row.active_flags.split())
            for key, row in keyed  # oldest first, so the newest stays
            if row.revision < revisions[key]
        }

    def _earlier_than(self, cases: Sequence[tuple[str, ...]]) -> Any:
        dialect = self._connection.dialect.name
        return self._connection.execute(_earlier(dialect), tuples(_CASE, dialect, cases))


class Rulesets(RuleSets):
    """The full text of each ruleset that was ever run, and when."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, RULESETS, RUNS)


class Wordings:
    """The full text of each wording that was ever written with."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, sentences: Sentences, at: int) -> None:
        """Store a wording under its digest; what is stored already is left alone."""
        statement = upsert(WORDINGS, self._connection.dialect.name).on_conflict_do_nothing()
        row = {"sha256": sentences.sha256, "version": sentences.version}
        content = {"content": sentences.canonical(), "first_used_at": at}
        self._connection.execute(statement, row | content)

    def get(self, sha256: str) -> Sentences:
        """Bring back a wording, to write as it was written then.

        Raises:
            LookupError: It was never stored.
        """
        query = select(WORDINGS.c.content).where(WORDINGS.c.sha256 == sha256)
        content = self._connection.execute(query).scalar_one_or_none()
        if content is None:
            raise LookupError(f"the wording {sha256} was not kept")
        return Sentences.from_canonical(bytes(content))


@dataclass(frozen=True)
class ServedDocument:
    """What was served first of a revision, in one representation.

    Attributes:
        representation: Its name, such as `json`.
        sha256: Digest of its bytes.
        first_served_at: Microseconds UTC.
    """

    representation: str
    sha256: str
    first_served_at: int


class Served:
    """The digests of the documents that were served."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, key: CaseKey, revision: int, document: ServedDocument) -> None:
        """Store a digest; what was served first is left alone."""
        statement = upsert(SERVED, self._connection.dialect.name).on_conflict_do_nothing()
        row = {"tenant_id": key.tenant_id, "case_id": key.case_id, "revision": revision}
        self._connection.execute(statement, row | asdict(document))

    def of(self, key: CaseKey, revision: int) -> list[ServedDocument]:
        """List what was served of a revision."""
        table = SERVED.c
        query = select(table.representation, table.sha256, table.first_served_at).where(
            table.tenant_id == key.tenant_id,
            table.case_id == key.case_id,
            table.revision == revision,
        )
        rows = self._connection.execute(query.order_by(table.representation))
        return [ServedDocument(*row) for row in rows]


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
        "decision": assessment.decision,
        "brief": assessment.brief,
        "facts": assessment.facts,
        "active_flags": " ".join(assessment.active_flags),
        "ruleset_sha256": assessment.ruleset_sha256,
        "wording_sha256": assessment.wording_sha256,
        "cause": assessment.cause,
        "assessed_at": assessment.assessed_at,
    }


def _assessment(row: Any) -> StoredAssessment:
    return StoredAssessment(
        CaseKey(row.tenant_id, row.case_id),
        row.revision,
        row.judged_on,
        bytes(row.decision),
        bytes(row.brief),
        bytes(row.facts),
        row.active_flags.split(),
        row.ruleset_sha256,
        row.wording_sha256,
        row.cause,
        row.assessed_at,
    )
