"""Answers about a revision: the JSON or the screen, its entity tag, and 304 while it stands."""

import hashlib
from typing import Final

import msgspec
from werkzeug.http import parse_etags

from chassis.http.caching import KEEP
from chassis.http.routing import TEXT, Request, Response
from intake import schemas, use_cases, write
from intake.brief import Brief
from intake.case import State
from intake.routes.dependencies import Dependencies
from intake.use_cases import Overview

REVISIONS_SHOWN: Final = 20
VARY: Final = "Accept, Accept-Encoding"
TAGGED: Final = {
    "ETag": "Names these bytes; begins with the revision. `If-Match` compares the revision alone.",
    "Vary": "The request headers that choose the representation.",
}


def case_answer(
    request: Request,
    dependencies: Dependencies,
    case_id: str,
    sections: frozenset[str] = frozenset(schemas.SECTIONS),
    revision: int | None = None,
) -> Response:
    """Returns a case at its newest or at an earlier revision, as JSON or as the screen.

    Args:
        request: The request.
        dependencies: What the routes need.
        case_id: The case.
        sections: The sections to show in JSON.
        revision: Which revision; None is the newest.

    Raises:
        UnknownCase: The clinic has no such case, or no such revision of it.
    """
    with dependencies.database.read() as connection:
        overview = use_cases.show_case(
            connection, request.tenant_id, case_id, REVISIONS_SHOWN, revision
        )
    text = request.accepts == TEXT
    body = case_screen(overview) if text else schemas.case_view(overview, sections)
    return tagged(request, Response(body), overview.case.revision, overview.shown.progress.state)


def tagged(request: Request, answer: Response, revision: int, state: State) -> Response:
    """Gives an answer its entity tag, or 304 if the client has these bytes already.

    Args:
        request: The request.
        answer: What would be answered.
        revision: The revision that it shows.
        state: How far that has come.
    """
    payload = answer.payload()
    representation = "text" if isinstance(answer.body, str) else "json"
    digest = hashlib.sha256(payload).hexdigest()[:16]
    tag = f"{revision}.{state}.{representation}.{digest}"
    headers = {"ETag": f'"{tag}"', "Cache-Control": KEEP, "Vary": VARY}
    if request.method == "GET" and parse_etags(request.headers.get("If-None-Match")).contains_weak(
        tag
    ):
        return Response(None, 304, headers)
    return Response(payload, answer.status, {**answer.headers, **headers}, answer.content_type())


def case_screen(overview: Overview) -> str:
    """Returns the screen of a revision: the brief that stands, else what is waited for."""
    shown = overview.shown
    return write.screen(
        write.Shown(
            overview.case.case_id,
            overview.case.revision,
            overview.newest,
            overview.case.accepted.on,
            shown.progress,
            decoded(schemas.brief_of(overview.results)),
            _older(overview),
        )
    )


def decoded(brief: bytes | None) -> Brief | None:
    """Returns a stored brief as it was read when it arrived."""
    return None if brief is None else msgspec.json.decode(brief, type=Brief)


def _older(overview: Overview) -> int | None:
    """The newest earlier revision in the list that has a result."""
    earlier = (one for one in overview.revisions if one.entry.revision < overview.case.revision)
    return next((one.entry.revision for one in earlier if one.headline), None)
