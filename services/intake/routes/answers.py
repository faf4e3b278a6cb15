"""Answers about a revision: the JSON or the screen, its entity tag, and 304 while it stands."""

import hashlib
from typing import Any, Final

import msgspec

from chassis.http import caching
from chassis.http.routing import JSON, TEXT, Request, Response
from intake import schemas, use_cases, write
from intake.brief import Brief
from intake.case import State
from intake.routes.dependencies import Dependencies
from intake.use_cases import Overview

REVISIONS_SHOWN: Final = 20
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
    return revision_answer(request, body, overview.case.revision, overview.shown.progress.state)


def revision_answer(
    request: Request, body: dict[str, Any] | str, revision: int, state: State
) -> Response:
    """Returns an answer about a revision with its entity tag, or 304 if the client has it already.

    Args:
        request: The request.
        body: JSON or text.
        revision: The revision that it shows.
        state: How far that has come.
    """
    made = Response(body)
    payload = made.payload()
    representation = "text" if isinstance(body, str) else "json"
    digest = hashlib.sha256(payload).hexdigest()[:16]
    answer = Response(payload, media_type=TEXT if isinstance(body, str) else JSON)
    return caching.tagged(request, answer, f"{revision}.{state}.{representation}.{digest}")


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
