"""Every exception becomes a problem document; nothing of it but what the problem says goes out."""

import logging
from collections.abc import Callable, Mapping

import flask
from flask import Flask
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from chassis import context, telemetry
from chassis.http import bodies, problem_types
from chassis.http.errors import MEDIA_TYPE, Problem, ProblemType
from chassis.storage.database import Unavailable

log = logging.getLogger(__name__)


def register(app: Flask, exceptions: Mapping[type[Exception], ProblemType]) -> None:
    """Register a handler for every exception.

    Args:
        app: The application.
        exceptions: Which problem an exception of the domain is.
    """
    app.register_error_handler(Problem, _problem)
    app.register_error_handler(Unavailable, _unavailable)
    app.register_error_handler(HTTPException, _http_exception)
    app.register_error_handler(Exception, _unforeseen)
    for exception, kind in exceptions.items():
        app.register_error_handler(exception, _translate(kind))


def _problem(problem: Problem) -> flask.Response:
    telemetry.PROBLEMS.labels(problem.kind.slug).inc()
    document = problem.document(flask.request.path, context.current().get("request_id"))
    return flask.Response(document, problem.kind.status, problem.headers, content_type=MEDIA_TYPE)


def _translate(kind: ProblemType) -> Callable[[Exception], flask.Response]:
    return lambda error: _problem(Problem(kind, str(error), errors=getattr(error, "errors", ())))


def _unavailable(error: Unavailable) -> flask.Response:
    log.warning("storage unavailable", exc_info=error)
    return _problem(Problem(problem_types.UNAVAILABLE, headers={"Retry-After": "1"}))


def _http_exception(error: HTTPException) -> flask.Response:
    if isinstance(error, MethodNotAllowed):
        allowed = ", ".join(sorted(error.valid_methods or ()))
        return _problem(Problem(problem_types.WRONG_METHOD, headers={"Allow": allowed}))
    if isinstance(error, RequestEntityTooLarge):
        return _problem(Problem(problem_types.TOO_LARGE, limit=bodies.MAX_BYTES))
    kind = problem_types.NOT_FOUND if error.code == 404 else problem_types.MALFORMED_JSON  # noqa: PLR2004
    return _problem(Problem(kind))


def _unforeseen(error: Exception) -> flask.Response:
    log.error("request failed", exc_info=error)
    return _problem(Problem(problem_types.INTERNAL))
