"""The routes that change cases."""

from collections.abc import Callable
from typing import Final

import orjson
from sqlalchemy import Connection

from chassis.http import problem_types
from chassis.http.headers import etag, require_revision, wait_seconds
from chassis.http.idempotency import once
from chassis.http.routing import JSON, MERGE_PATCH, Request, Response, ResponseSpec, Routes
from chassis.storage.crash import crash_point
from chassis.storage.idempotency import IdempotencyKeys
from intake import schemas, use_cases
from intake.case import Case
from intake.events import Origin
from intake.models import IDEMPOTENCY
from intake.repository import RevisionKey
from intake.routes import examples
from intake.routes.admission import OVERLOADED
from intake.routes.answers import case_answer
from intake.routes.dependencies import Dependencies
from intake.routes.problems import CONTRADICTORY
from intake.schemas import answers

CASES: Final = Routes("cases")
_KEY: Final = {"Idempotency-Key": "Required; the same for each retry. Kept for 24 hours."}
_WAIT: Final = {"Prefer": "`wait=N` waits up to N seconds (30 at most) for the plan."}
_MATCH: Final = {"If-Match": "Required; the `ETag` of the case as you read it."}
_LOCATED: Final = {"ETag": "Begins with the revision.", "Location": "The case."}
_ACCEPTED: Final = {
    200: ResponseSpec("The plan is there: the whole case.", answers.CaseView, headers=_LOCATED),
    202: ResponseSpec(
        "Accepted and stored.", answers.Accepted, example=examples.ACCEPTED, headers=_LOCATED
    ),
}
_CORRECTED: Final = _ACCEPTED | {
    200: ResponseSpec(
        "The plan is there, or the patch changed nothing: the whole case.",
        answers.CaseView,
        headers=_LOCATED,
    )
}


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
    """Submits a case.

    It is stored, and its assessment and plan are made; 202 says so at once. With `Prefer: wait=N`
    the answer waits for the plan and is the whole case. What is not known is left out.
    """

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
    """Adds a contact with its scores, and blocks or treatments that were done.

    It makes a new revision. Findings that changed are sent along in `findings`; what counts for one
    contact is asked anew.
    """

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
        return case_answer(request, dependencies, case_id)
    return _when_planned(request, dependencies, _accepted(revised))


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
    body = accepted.body if isinstance(accepted.body, dict) else orjson.loads(accepted.body)
    key = RevisionKey(request.tenant_id, body["case_id"], body["revision"])
    settled = dependencies.waiters.wait(key, seconds)
    if settled is None:  # too many wait already
        return accepted
    applied = {"Preference-Applied": f"wait={seconds}"}
    if not settled:
        return Response(accepted.body, accepted.status, {**accepted.headers, **applied})
    whole = case_answer(request, dependencies, key.case_id)
    headers = {**accepted.headers, **whole.headers, **applied}
    return Response(whole.body, 200, headers, whole.media_type)


def _case_to_change(connection: Connection, request: Request, case_id: str) -> Case:
    case = use_cases.case_to_change(connection, request.tenant_id, case_id)
    require_revision(request.headers, case.revision)
    return case


def _accepted(case: Case) -> Response:
    headers = {"Location": f"/v1/cases/{case.case_id}", "ETag": etag(case.revision)}
    return Response(schemas.accepted_view(case.case_id, case.revision), 202, headers)


def _origin(request: Request) -> Origin:
    return Origin(request.principal.client_id, request.request_id, request.traceparent)
