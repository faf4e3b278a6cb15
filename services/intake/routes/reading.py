"""The routes that read cases and their revisions."""

from typing import Final

from chassis.http import pages, problem_types
from chassis.http.caching import ASKS, NOT_MODIFIED
from chassis.http.routing import JSON, TEXT, Request, Response, ResponseSpec, Routes
from intake import schemas, use_cases
from intake.routes.answers import TAGGED, case_answer
from intake.routes.dependencies import Dependencies
from intake.schemas import answers

READING: Final = Routes("cases")

LARGEST_REVISION: Final = 2**31 - 1
"""The largest number that the database's column holds."""

_NEXT: Final = {"Link": "The next page, if any."}


@READING.route(
    "GET",
    "/v1/cases",
    scope="cases:read",
    query=schemas.CaseListQuery(),
    responses={200: ResponseSpec("A page, newest first.", answers.CaseList, headers=_NEXT)},
    problems=(problem_types.BAD_CURSOR,),
)
def list_cases(request: Request, dependencies: Dependencies) -> Response:
    """Lists the clinic's cases, newest first.

    Each at its newest revision, with how far that has come and a few words of its screen.
    """
    limit, cursor, reference = (request.query[name] for name in ("limit", "cursor", "reference"))
    before = pages.position(cursor, str)[0] if cursor else None
    with dependencies.database.read() as connection:
        cases = use_cases.list_cases(connection, request.tenant_id, limit + 1, before, reference)
    page = cases[:limit]
    next_cursor = pages.cursor(page[-1].entry.case_id) if len(cases) > limit else None
    return Response(schemas.list_view(page), headers=pages.links(request, next_cursor))


@READING.route(
    "GET",
    "/v1/cases/<case_id>",
    scope="cases:read",
    query=schemas.CaseQuery(),
    produces=(JSON, TEXT),
    headers=ASKS,
    responses={
        200: ResponseSpec("The newest revision of the case.", answers.CaseView, headers=TAGGED),
        304: NOT_MODIFIED,
    },
)
def read_case(request: Request, dependencies: Dependencies, case_id: str) -> Response:
    """Shows a case at its newest revision: progress, brief, decisions, what was recorded.

    As `text/plain` it is one screen: at most 40 lines of 80 columns.
    """
    return case_answer(request, dependencies, case_id, request.query["sections"])


@READING.route(
    "GET",
    "/v1/cases/<case_id>/revisions",
    scope="cases:read",
    query=schemas.RevisionListQuery(),
    responses={200: ResponseSpec("A page, newest first.", answers.RevisionList, headers=_NEXT)},
    problems=(problem_types.BAD_CURSOR,),
)
def list_revisions(request: Request, dependencies: Dependencies, case_id: str) -> Response:
    """Lists the revisions of a case, newest first.

    Each with how far it has come, and where its full documents are.
    """
    limit, cursor = request.query["limit"], request.query["cursor"]
    before = pages.position(cursor, int)[0] if cursor else None
    with dependencies.database.read() as connection:
        revisions = use_cases.list_revisions(
            connection, request.tenant_id, case_id, limit + 1, before
        )
    page = revisions[:limit]
    next_cursor = pages.cursor(page[-1].entry.revision) if len(revisions) > limit else None
    return Response(
        schemas.revisions_view(case_id, page), headers=pages.links(request, next_cursor)
    )


@READING.route(
    "GET",
    "/v1/cases/<case_id>/revisions/<int:revision>",
    scope="cases:read",
    query=schemas.CaseQuery(),
    produces=(JSON, TEXT),
    headers=ASKS,
    responses={
        200: ResponseSpec("That revision of the case.", answers.CaseView, headers=TAGGED),
        304: NOT_MODIFIED,
    },
)
def read_revision(
    request: Request, dependencies: Dependencies, case_id: str, revision: int
) -> Response:
    """Shows one revision of a case, as it was recorded and decided then.

    `newest_revision`, and the first line of the text, say whether there is a newer one.
    """
    if revision > LARGEST_REVISION:
        raise use_cases.UnknownCase
    return case_answer(request, dependencies, case_id, request.query["sections"], revision)
