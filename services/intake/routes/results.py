"""The routes of what is current: the newest revision's assessment and plan, or nobody's."""

from typing import Any, Final

from chassis.http.caching import ASKS, NOT_MODIFIED
from chassis.http.errors import Problem, ProblemType
from chassis.http.routing import JSON, TEXT, Request, Response, ResponseSpec, Routes
from intake import schemas, use_cases, write
from intake.case import Kind
from intake.routes.answers import TAGGED, decoded, revision_answer
from intake.routes.dependencies import Dependencies
from intake.schemas import answers
from intake.use_cases import NewestResult

RESULTS: Final = Routes("cases")

RETRY_AFTER_S: Final = 1

_OLDER: Final = "`older`, if there is one, names the full document of an earlier `revision`."
NOT_YET_ASSESSED: Final = ProblemType(
    "not-yet-assessed",
    404,
    "The newest revision has no assessment yet",
    f"Ask again after `Retry-After`. `revision` is the newest. {_OLDER}",
)
NOT_YET_PLANNED: Final = ProblemType(
    "not-yet-planned",
    404,
    "The newest revision has no plan yet",
    f"Ask again after `Retry-After`. `revision` is the newest. {_OLDER}",
)
PROCESSING_STOPPED: Final = ProblemType(
    "processing-stopped",
    409,
    "Processing of the newest revision stopped",
    f"Whoever operates the system has to act; `stopped` names the service and its reason. {_OLDER}",
)
_NOT_YET: Final[dict[Kind, ProblemType]] = {
    "assessment": NOT_YET_ASSESSED,
    "plan": NOT_YET_PLANNED,
}


@RESULTS.route(
    "GET",
    "/v1/cases/<case_id>/assessment",
    scope="cases:read",
    produces=(JSON, TEXT),
    headers=ASKS,
    responses={
        200: ResponseSpec(
            "The newest revision's assessment.", answers.AssessmentResult, headers=TAGGED
        ),
        304: NOT_MODIFIED,
    },
    problems=(NOT_YET_ASSESSED, PROCESSING_STOPPED),
)
def read_assessment(request: Request, dependencies: Dependencies, case_id: str) -> Response:
    """Shows decision and brief of diagnosis for the newest revision, and never for an older one.

    The full document of any revision is at `/v1/cases/{case_id}/revisions/{revision}/assessment`.
    """
    return _newest(request, dependencies, case_id, "assessment")


@RESULTS.route(
    "GET",
    "/v1/cases/<case_id>/plan",
    scope="cases:read",
    produces=(JSON, TEXT),
    headers=ASKS,
    responses={
        200: ResponseSpec("The newest plan.", answers.PlanResult, headers=TAGGED),
        304: NOT_MODIFIED,
    },
    problems=(NOT_YET_PLANNED, PROCESSING_STOPPED),
)
def read_plan(request: Request, dependencies: Dependencies, case_id: str) -> Response:
    """Shows decision and brief of treatment for the newest revision, and never for an older one.

    The full document of any revision is at `/v1/cases/{case_id}/revisions/{revision}/plan`.
    """
    return _newest(request, dependencies, case_id, "plan")


def _newest(request: Request, dependencies: Dependencies, case_id: str, kind: Kind) -> Response:
    with dependencies.database.read() as connection:
        newest = use_cases.newest_result(connection, request.tenant_id, case_id, kind)
    if newest.stored is None:
        raise _without_result(case_id, newest, kind)
    text = request.accepts == TEXT
    body: Any = _screen(newest) if text else schemas.result_view(newest, kind)
    revision = newest.revision
    return revision_answer(request, body, revision.entry.revision, revision.progress.state)


def _screen(newest: NewestResult) -> str:
    entry = newest.revision.entry
    brief = decoded(newest.stored.brief if newest.stored else None)
    return write.screen(
        write.Shown(
            entry.case_id,
            entry.revision,
            entry.revision,
            entry.accepted.on,
            newest.revision.progress,
            brief,
        )
    )


def _without_result(case_id: str, newest: NewestResult, kind: Kind) -> Problem:
    revision, progress = newest.revision.entry.revision, newest.revision.progress
    extra: dict[str, Any] = {"revision": revision}
    if newest.older is not None:
        extra["older"] = f"/v1/cases/{case_id}/revisions/{newest.older}/{kind}"
    if progress.state == "stopped":
        stopped = {"by": progress.stopped_by, "reason_code": progress.reason_code}
        return Problem(PROCESSING_STOPPED, stopped=stopped, **extra)
    return Problem(_NOT_YET[kind], headers={"Retry-After": str(RETRY_AFTER_S)}, **extra)
