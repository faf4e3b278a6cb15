"""The doors of cases and of the vocabulary."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import orjson
from sqlalchemy import Connection

from chassis.http import pages, problem_types
from chassis.http.doors import JSON, MERGE_PATCH, Answer, Call, Doors, Reply
from chassis.http.errors import ProblemType
from chassis.http.headers import etag, require_revision, wait_seconds
from chassis.http.idempotency import once
from chassis.storage.crash import crash_point
from chassis.storage.database import Database
from chassis.storage.idempotency import IdempotencyKeys
from intake import schemas, use_cases
from intake.domain import Case, Findings, GrowsByFollowUps, ImplausibleCase
from intake.events import Origin
from intake.models import IDEMPOTENCY
from intake.repository import RevisionKey
from intake.routes import examples
from intake.routes.admission import OVERLOADED, Admission
from intake.routes.waiting import WaitingRoom
from intake.schemas import shapes

REVISIONS_SHOWN: Final = 20

CONTRADICTORY: Final = ProblemType(
    "contradictory-findings",
    422,
    "The findings cannot all be true",
    "`errors` lists each place, why it cannot be, and with `contradicts` the place that says so.",
)

CASES: Final = Doors("cases")
KNOWLEDGE: Final = Doors("knowledge")
DOORS: Final = (CASES, KNOWLEDGE)
EXCEPTIONS: Final[Mapping[type[Exception], ProblemType]] = {
    use_cases.UnknownCase: problem_types.NOT_FOUND,
    ImplausibleCase: CONTRADICTORY,
    GrowsByFollowUps: problem_types.INVALID,
}

_KEY: Final = {"Idempotency-Key": "Required; the same for each retry. Kept for 24 hours."}
_WAIT: Final = {"Prefer": "`wait=N` waits up to N seconds (30 at most) for the plan."}
_MATCH: Final = {"If-Match": "Required; the `ETag` of the case as you read it."}
_TAGGED: Final = {"ETag": "The revision.", "Location": "The case."}
_ACCEPTED: Final = {
    200: Reply("The plan is there: the whole case.", shapes.CASE_VIEW, headers=_TAGGED),
    202: Reply("Accepted and stored.", shapes.ACCEPTED, example=examples.ACCEPTED, headers=_TAGGED),
}
_CORRECTED: Final = _ACCEPTED | {
    200: Reply(
        "The plan is there, or the patch changed nothing: the whole case.",
        shapes.CASE_VIEW,
        headers=_TAGGED,
    )
}


@dataclass(frozen=True)
class Parts:
    """What the doors need.

    Attributes:
        database: The service's own.
        findings: What the vocabulary says.
        vocabulary: The vocabulary, as it is served.
        admission: Whether new work may come in.
        room: Where clients wait for their plan.
    """

    database: Database
    findings: Findings
    vocabulary: bytes
    admission: Admission
    room: WaitingRoom


@CASES.door(
    "POST",
    "/v1/cases",
    scope="cases:write",
    body=schemas.CASE,
    headers=_KEY | _WAIT,
    examples={"minimal": examples.CASE},
    replies=_ACCEPTED,
    problems=(
        problem_types.KEY_REQUIRED,
        problem_types.KEY_IN_USE,
        problem_types.KEY_REUSED,
        CONTRADICTORY,
        OVERLOADED,
    ),
)
def submit_case(call: Call, parts: Parts) -> Answer:
    """Submits a case."""

    def make(connection: Connection) -> Answer:
        case = use_cases.submit_case(
            connection, parts.findings, call.tenant_id, call.body, _origin(call)
        )
        return _accepted(case)

    return _store_once(call, parts, make)


@CASES.door(
    "POST",
    "/v1/cases/<case_id>/follow-ups",
    scope="cases:write",
    body=schemas.FOLLOW_UP,
    headers=_KEY | _MATCH | _WAIT,
    examples={"one month later": examples.FOLLOW_UP},
    replies=_ACCEPTED,
    problems=(
        problem_types.KEY_REQUIRED,
        problem_types.KEY_IN_USE,
        problem_types.KEY_REUSED,
        problem_types.STALE,
        problem_types.REVISION_REQUIRED,
        CONTRADICTORY,
        OVERLOADED,
    ),
)
def add_follow_up(call: Call, parts: Parts, case_id: str) -> Answer:
    """Adds a contact with its scores, and blocks or treatments that were done."""

    def make(connection: Connection) -> Answer:
        case = _case_to_change(connection, call, case_id)
        findings = parts.findings
        return _accepted(
            use_cases.follow_up_case(connection, findings, case, call.body, _origin(call))
        )

    return _store_once(call, parts, make)


@CASES.door(
    "PATCH",
    "/v1/cases/<case_id>",
    scope="cases:write",
    body=schemas.PATCH,
    consumes=(MERGE_PATCH, JSON),
    headers=_MATCH | _WAIT,
    examples={"findings added": examples.PATCH},
    replies=_CORRECTED,
    problems=(problem_types.STALE, problem_types.REVISION_REQUIRED, CONTRADICTORY, OVERLOADED),
)
def correct_case(call: Call, parts: Parts, case_id: str) -> Answer:
    """Corrects or adds findings by a JSON merge patch (RFC 7396): a new revision.

    A patch that changes nothing, an empty one above all, makes none: 200 with the case as it is.
    """
    parts.admission.check()
    with parts.database.write() as connection:
        case = _case_to_change(connection, call, case_id)
        revised = use_cases.correct_case(connection, parts.findings, case, call.body, _origin(call))
    if revised.revision == case.revision:
        return _whole(call, parts, case_id)
    return _when_planned(call, parts, _accepted(revised))


@CASES.door(
    "GET",
    "/v1/cases",
    scope="cases:read",
    query=schemas.CaseListQuery(),
    replies={
        200: Reply(
            "A page, newest first.", shapes.CASES, headers={"Link": "The next page, if any."}
        )
    },
    problems=(problem_types.BAD_CURSOR,),
)
def list_cases(call: Call, parts: Parts) -> Answer:
    """Lists the clinic's cases, newest first."""
    limit, cursor, reference = (call.query[name] for name in ("limit", "cursor", "reference"))
    before = pages.position(cursor, str)[0] if cursor else None
    with parts.database.read() as connection:
        found = use_cases.list_cases(connection, call.tenant_id, limit + 1, before, reference)
    shown = found[:limit]
    following = pages.cursor(shown[-1].entry.case_id) if len(found) > limit else None
    return Answer(schemas.list_view(shown), headers=pages.links(call, following))


@CASES.door(
    "GET",
    "/v1/cases/<case_id>",
    scope="cases:read",
    query=schemas.CaseQuery(),
    replies={
        200: Reply("The case whole, as far as it has come.", shapes.CASE_VIEW, headers=_TAGGED)
    },
)
def read_case(call: Call, parts: Parts, case_id: str) -> Answer:
    """Shows a case, now or at an earlier revision: findings, progress, documents, and gaps."""
    return _whole(call, parts, case_id, call.query["revision"])


@CASES.door(
    "GET",
    "/v1/cases/<case_id>/revisions",
    scope="cases:read",
    query=schemas.RevisionListQuery(),
    replies={
        200: Reply(
            "A page, newest first.", shapes.REVISIONS, headers={"Link": "The next page, if any."}
        )
    },
    problems=(problem_types.BAD_CURSOR,),
)
def list_revisions(call: Call, parts: Parts, case_id: str) -> Answer:
    """Lists the revisions of a case, newest first."""
    limit, cursor = call.query["limit"], call.query["cursor"]
    before = pages.position(cursor, int)[0] if cursor else None
    with parts.database.read() as connection:
        found = use_cases.list_revisions(connection, call.tenant_id, case_id, limit + 1, before)
    shown = found[:limit]
    following = pages.cursor(shown[-1].entry.revision) if len(found) > limit else None
    return Answer(schemas.revisions_view(case_id, shown), headers=pages.links(call, following))


@KNOWLEDGE.door(
    "GET",
    "/v1/vocabulary",
    scope="knowledge:read",
    replies={
        200: Reply(
            "Every finding: name, type, unit, values, plausible range, source.",
            shapes.VOCABULARY_VIEW,
        )
    },
)
def read_vocabulary(_call: Call, parts: Parts) -> Answer:
    """Shows what a case may say, and in which words."""
    return Answer(parts.vocabulary)


def _store_once(call: Call, parts: Parts, make: Callable[[Connection], Answer]) -> Answer:
    parts.admission.check()
    with parts.database.write() as connection:
        keys = IdempotencyKeys(connection, IDEMPOTENCY)
        answer = once(keys, call, lambda: make(connection))
    crash_point("request.before_answer")
    return _when_planned(call, parts, answer)


def _when_planned(call: Call, parts: Parts, accepted: Answer) -> Answer:
    """Answers with the whole case if the caller wants to wait and the plan comes in time."""
    seconds = wait_seconds(call.headers)
    if not seconds:
        return accepted
    said = accepted.body if isinstance(accepted.body, dict) else orjson.loads(accepted.body)
    key = RevisionKey(call.tenant_id, said["case_id"], said["revision"])
    settled = parts.room.wait(key, seconds)
    if settled is None:  # every seat is taken
        return accepted
    applied = {"Preference-Applied": f"wait={seconds}"}
    if not settled:
        return Answer(accepted.body, accepted.status, {**accepted.headers, **applied})
    whole = _whole(call, parts, key.case_id)
    return Answer(whole.body, 200, {**accepted.headers, **whole.headers, **applied})


def _whole(call: Call, parts: Parts, case_id: str, revision: int | None = None) -> Answer:
    with parts.database.read() as connection:
        overview = use_cases.show_case(
            connection, call.tenant_id, case_id, REVISIONS_SHOWN, revision
        )
    return Answer(schemas.case_view(overview), headers={"ETag": etag(overview.case.revision)})


def _case_to_change(connection: Connection, call: Call, case_id: str) -> Case:
    case = use_cases.case_to_change(connection, call.tenant_id, case_id)
    require_revision(call.headers, case.revision)
    return case


def _accepted(case: Case) -> Answer:
    headers = {"Location": f"/v1/cases/{case.case_id}", "ETag": etag(case.revision)}
    return Answer(schemas.accepted_view(case.case_id, case.revision), 202, headers)


def _origin(call: Call) -> Origin:
    return Origin(call.principal.client_id, call.request_id, call.traceparent)
