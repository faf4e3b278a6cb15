"""The routes of cases and of the vocabulary."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import orjson
from sqlalchemy import Connection

from chassis.http import pages, problem_types
from chassis.http.errors import ProblemType
from chassis.http.headers import etag, require_revision, wait_seconds
from chassis.http.idempotency import once
from chassis.http.routing import JSON, MERGE_PATCH, Request, Response, ResponseSpec, Routes
from chassis.storage.crash import crash_point
from chassis.storage.database import Database
from chassis.storage.idempotency import IdempotencyKeys
from intake import schemas, use_cases
from intake.case import Case, Findings, GrowsByFollowUps, ImplausibleCase
from intake.events import Origin
from intake.models import IDEMPOTENCY
from intake.repository import RevisionKey
from intake.routes import examples
from intake.routes.admission import OVERLOADED, Admission
from intake.routes.preparation import PREPARATION
from intake.routes.problems import CONTRADICTORY
from intake.routes.waiting import WaitingRoom
from intake.schemas import shapes

REVISIONS_SHOWN: Final = 20

CASES: Final = Routes("cases")
KNOWLEDGE: Final = Routes("knowledge")
ROUTES: Final = (CASES, PREPARATION, KNOWLEDGE)
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
    200: ResponseSpec("The plan is there: the whole case.", shapes.CASE_VIEW, headers=_TAGGED),
    202: ResponseSpec(
        "Accepted and stored.", shapes.ACCEPTED, example=examples.ACCEPTED, headers=_TAGGED
    ),
}
_CORRECTED: Final = _ACCEPTED | {
    200: ResponseSpec(
        "The plan is there, or the patch changed nothing: the whole case.",
        shapes.CASE_VIEW,
        headers=_TAGGED,
    )
}


@dataclass(frozen=True)
class Dependencies:
    """What the routes need.

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


@CASES.route(
    "POST",
    "/v1/cases",
    scope="cases:write",
    body=schemas.CASE,
    headers=_KEY | _WAIT,
    examples={"minimal": examples.CASE},
    responses=_ACCEPTED,
    problems=(
        problem_types.KEY_REQUIRED,
        problem_types.KEY_IN_USE,
        problem_types.KEY_REUSED,
        CONTRADICTORY,
        OVERLOADED,
    ),
)
def submit_case(request: Request, dependencies: Dependencies) -> Response:
    """Submits a case."""

    def make(connection: Connection) -> Response:
        case = use_cases.submit_case(
            connection, dependencies.findings, request.tenant_id, request.body, _origin(request)
        )
        return _accepted(case)

    return _store_once(request, dependencies, make)


@CASES.route(
    "POST",
    "/v1/cases/<case_id>/follow-ups",
    scope="cases:write",
    body=schemas.FOLLOW_UP,
    headers=_KEY | _MATCH | _WAIT,
    examples={"one month later": examples.FOLLOW_UP},
    responses=_ACCEPTED,
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
def add_follow_up(request: Request, dependencies: Dependencies, case_id: str) -> Response:
    """Adds a contact with its scores, and blocks or treatments that were done."""

    def make(connection: Connection) -> Response:
        case = _case_to_change(connection, request, case_id)
        findings = dependencies.findings
        return _accepted(
            use_cases.follow_up_case(connection, findings, case, request.body, _origin(request))
        )

    return _store_once(request, dependencies, make)


@CASES.route(
    "PATCH",
    "/v1/cases/<case_id>",
    scope="cases:write",
    body=schemas.PATCH,
    consumes=(MERGE_PATCH, JSON),
    headers=_MATCH | _WAIT,
    examples={"findings added": examples.PATCH},
    responses=_CORRECTED,
    problems=(problem_types.STALE, problem_types.REVISION_REQUIRED, CONTRADICTORY, OVERLOADED),
)
def correct_case(request: Request, dependencies: Dependencies, case_id: str) -> Response:
    """Corrects or adds findings by a JSON merge patch (RFC 7396): a new revision.

    A patch that changes nothing, an empty one above all, makes none: 200 with the case as it is.
    """
    dependencies.admission.check()
    with dependencies.database.write() as connection:
        case = _case_to_change(connection, request, case_id)
        revised = use_cases.correct_case(
            connection, dependencies.findings, case, request.body, _origin(request)
        )
    if revised.revision == case.revision:
        return _whole(request, dependencies, case_id)
    return _when_planned(request, dependencies, _accepted(revised))


@CASES.route(
    "GET",
    "/v1/cases",
    scope="cases:read",
    query=schemas.CaseListQuery(),
    responses={
        200: ResponseSpec(
            "A page, newest first.", shapes.CASES, headers={"Link": "The next page, if any."}
        )
    },
    problems=(problem_types.BAD_CURSOR,),
)
def list_cases(request: Request, dependencies: Dependencies) -> Response:
    """Lists the clinic's cases, newest first."""
    limit, cursor, reference = (request.query[name] for name in ("limit", "cursor", "reference"))
    before = pages.position(cursor, str)[0] if cursor else None
    with dependencies.database.read() as connection:
        found = use_cases.list_cases(connection, request.tenant_id, limit + 1, before, reference)
    shown = found[:limit]
    following = pages.cursor(shown[-1].entry.case_id) if len(found) > limit else None
    return Response(schemas.list_view(shown), headers=pages.links(request, following))


@CASES.route(
    "GET",
    "/v1/cases/<case_id>",
    scope="cases:read",
    query=schemas.CaseQuery(),
    responses={
        200: ResponseSpec(
            "The case whole, as far as it has come.", shapes.CASE_VIEW, headers=_TAGGED
        )
    },
)
def read_case(request: Request, dependencies: Dependencies, case_id: str) -> Response:
    """Shows a case, now or at an earlier revision: findings, progress, documents, and gaps."""
    return _whole(request, dependencies, case_id, request.query["revision"])


@CASES.route(
    "GET",
    "/v1/cases/<case_id>/revisions",
    scope="cases:read",
    query=schemas.RevisionListQuery(),
    responses={
        200: ResponseSpec(
            "A page, newest first.", shapes.REVISIONS, headers={"Link": "The next page, if any."}
        )
    },
    problems=(problem_types.BAD_CURSOR,),
)
def list_revisions(request: Request, dependencies: Dependencies, case_id: str) -> Response:
    """Lists the revisions of a case, newest first."""
    limit, cursor = request.query["limit"], request.query["cursor"]
    before = pages.position(cursor, int)[0] if cursor else None
    with dependencies.database.read() as connection:
        found = use_cases.list_revisions(connection, request.tenant_id, case_id, limit + 1, before)
    shown = found[:limit]
    following = pages.cursor(shown[-1].entry.revision) if len(found) > limit else None
    return Response(schemas.revisions_view(case_id, shown), headers=pages.links(request, following))


@KNOWLEDGE.route(
    "GET",
    "/v1/vocabulary",
    scope="knowledge:read",
    responses={
        200: ResponseSpec(
            "Every finding: name, type, unit, values, plausible range, source.",
            shapes.VOCABULARY_VIEW,
        )
    },
)
def read_vocabulary(_request: Request, dependencies: Dependencies) -> Response:
    """Shows what a case may say, and in which words."""
    return Response(dependencies.vocabulary)


def _store_once(
    request: Request, dependencies: Dependencies, make: Callable[[Connection], Response]
) -> Response:
    dependencies.admission.check()
    with dependencies.database.write() as connection:
        keys = IdempotencyKeys(connection, IDEMPOTENCY)
        answer = once(keys, request, lambda: make(connection))
    crash_point("request.before_answer")
    return _when_planned(request, dependencies, answer)


def _when_planned(request: Request, dependencies: Dependencies, accepted: Response) -> Response:
    """Answers with the whole case if the caller wants to wait and the plan comes in time."""
    seconds = wait_seconds(request.headers)
    if not seconds:
        return accepted
    said = accepted.body if isinstance(accepted.body, dict) else orjson.loads(accepted.body)
    key = RevisionKey(request.tenant_id, said["case_id"], said["revision"])
    settled = dependencies.room.wait(key, seconds)
    if settled is None:  # every seat is taken
        return accepted
    applied = {"Preference-Applied": f"wait={seconds}"}
    if not settled:
        return Response(accepted.body, accepted.status, {**accepted.headers, **applied})
    whole = _whole(request, dependencies, key.case_id)
    return Response(whole.body, 200, {**accepted.headers, **whole.headers, **applied})


def _whole(
    request: Request, dependencies: Dependencies, case_id: str, revision: int | None = None
) -> Response:
    with dependencies.database.read() as connection:
        overview = use_cases.show_case(
            connection, request.tenant_id, case_id, REVISIONS_SHOWN, revision
        )
    return Response(schemas.case_view(overview), headers={"ETag": etag(overview.case.revision)})


def _case_to_change(connection: Connection, request: Request, case_id: str) -> Case:
    case = use_cases.case_to_change(connection, request.tenant_id, case_id)
    require_revision(request.headers, case.revision)
    return case


def _accepted(case: Case) -> Response:
    headers = {"Location": f"/v1/cases/{case.case_id}", "ETag": etag(case.revision)}
    return Response(schemas.accepted_view(case.case_id, case.revision), 202, headers)


def _origin(request: Request) -> Origin:
    return Origin(request.principal.client_id, request.request_id, request.traceparent)
