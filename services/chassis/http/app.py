"""One Flask application per service: routes in, problems out, and nothing undeclared."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

import flask
import orjson
from flask import Flask, g
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from chassis import clock, context, telemetry
from chassis.http import bodies, headers, openapi, problem_types, shapes, validation
from chassis.http.auth import Verifier
from chassis.http.errors import MEDIA_TYPE, Problem, ProblemType
from chassis.http.health import Check, probes
from chassis.http.routing import ANY_TOKEN, JSON, Request, Response, ResponseSpec, Route, Routes
from chassis.storage.database import Unavailable

log = logging.getLogger(__name__)

PUBLIC: Final = frozenset(
    {
        "health.livez",
        "health.readyz",
        "health.startupz",
        "openapi",
        "problem",
        "problems",
        "metrics",
    }
)
"""The only views without a token: probes, figures, and the description of the interface."""


@dataclass(frozen=True)
class Service:
    """What `create_app` needs to know about a service.

    Attributes:
        name: The service.
        version: Its version.
        routes: Its routes, by part.
        verifier: Checks tokens.
        dependencies: What handlers get as their second argument: databases, rules, and so on.
        ready: Checks by name for `/readyz`; each raises if the service is not ready.
        started: The same for `/startupz`.
        exceptions: Which problem an exception of the domain is. If it has `errors` (a list of
            places), they are shown; its text is shown as `detail`, so it must not quote free text.
        about: Served at `/v1/version`, beside name and version.
    """

    name: str
    version: str
    routes: Sequence[Routes]
    verifier: Verifier
    dependencies: Any = None
    ready: Mapping[str, Check] = field(default_factory=dict)
    started: Mapping[str, Check] = field(default_factory=dict)
    exceptions: Mapping[type[Exception], ProblemType] = field(default_factory=dict)
    about: Callable[[], Mapping[str, Any]] = dict

    def problem_types(self) -> dict[str, ProblemType]:
        """Returns every problem that the service can answer with, by slug."""
        declared = [kind for part in self.routes for route in part.all for kind in route.problems]
        return {
            kind.slug: kind
            for kind in (*problem_types.COMMON, *self.exceptions.values(), *declared)
        }


def create_app(service: Service) -> Flask:
    """Builds the WSGI application of a service.

    Args:
        service: Its routes and what they need.

    Returns:
        A Flask application in which every view but `PUBLIC` is a declared route.

    Raises:
        ValueError: If a view was added that is no route.
    """
    app = Flask(service.name, static_folder=None)
    app.url_map.merge_slashes = False
    app.config.update(MAX_CONTENT_LENGTH=bodies.MAX_BYTES, PROVIDE_AUTOMATIC_OPTIONS=False)
    groups = [*service.routes, _version_routes(service)]
    for route in (route for group in groups for route in group.all):
        _add(app, service, route)
    app.register_blueprint(probes(service.ready, service.started))
    _add_description(app, service, groups)
    _add_edges(app, service)
    _refuse_undeclared(app, groups)
    return app


def _add(app: Flask, service: Service, route: Route) -> None:
    def view(**variables: str) -> flask.Response:
        request = _open(route, service.verifier)
        return _respond(route.handler(request, service.dependencies, **variables))

    name = f"{route.method} {route.rule}"
    app.add_url_rule(
        route.rule, name, view, methods=[route.method], provide_automatic_options=False
    )


def _open(route: Route, verifier: Verifier) -> Request:
    principal = verifier.verify(flask.request.headers.get("Authorization"))
    context.bind(tenant_id=principal.tenant_id, actor=principal.client_id)
    principal.require(route.scope)
    accepts = headers.choose(flask.request.headers.get("Accept", ""), route.produces)
    query = validation.load_query(route.query, list(flask.request.args.items(multi=True)))
    document = _document(route) if route.body is not None else None
    body = validation.load(route.body, document) if route.body is not None else None
    ids = context.current()
    return Request(
        principal,
        body,
        query,
        document,
        accepts,
        cast("Mapping[str, str]", flask.request.headers),
        flask.request.method,
        flask.request.path,
        ids["request_id"],
        ids.get("traceparent"),
    )


def _document(route: Route) -> Any:
    sent = headers.media_type(flask.request.headers.get("Content-Type", ""))
    charset = flask.request.mimetype_params.get("charset", "utf-8").lower()
    if sent not in route.consumes or charset not in ("utf-8", "utf8"):
        raise Problem(problem_types.WRONG_MEDIA_TYPE, allowed=list(route.consumes))
    if flask.request.headers.get("Content-Encoding", "identity") != "identity":
        raise Problem(problem_types.WRONG_MEDIA_TYPE, "An encoded body is not read.")
    return bodies.parse_json(flask.request.get_data(cache=False))


def _respond(answer: Response) -> flask.Response:
    return flask.Response(
        answer.payload(),
        answer.status,
        dict(answer.headers),
        content_type=answer.content_type() if answer.body is not None else None,
    )


def _version_routes(service: Service) -> Routes:
    routes = Routes("service")
    said = ResponseSpec("The service, its version, and what it works by.", shapes.VERSION)

    @routes.route("GET", "/v1/version", scope=ANY_TOKEN, responses={200: said})
    def version(_request: Request, _dependencies: Any) -> Response:
        """What runs here."""
        return Response({"service": service.name, "version": service.version, **service.about()})

    return routes


def _add_description(app: Flask, service: Service, groups: Sequence[Routes]) -> None:
    kinds = service.problem_types()
    built: dict[str, bytes] = {}

    def describe() -> flask.Response:
        if not built:  # at the first question, not at the start
            built["json"] = orjson.dumps(openapi.describe(service.name, service.version, groups))
        return flask.Response(built["json"], content_type=JSON)

    def page(slug: str) -> flask.Response:
        if slug not in kinds:
            raise Problem(problem_types.NOT_FOUND)
        return flask.Response(kinds[slug].page(), content_type="text/plain; charset=utf-8")

    def index() -> flask.Response:
        listed = [
            {"type": kind.uri, "status": kind.status, "title": kind.title}
            for kind in kinds.values()
        ]
        return flask.Response(orjson.dumps({"problems": listed}), content_type=JSON)

    def figures() -> flask.Response:
        return flask.Response(telemetry.expose(), content_type=telemetry.MEDIA_TYPE)

    app.add_url_rule("/openapi.json", "openapi", describe)
    app.add_url_rule("/problems/<slug>", "problem", page)
    app.add_url_rule("/problems", "problems", index)
    app.add_url_rule("/metrics", "metrics", figures)


def _refuse_undeclared(app: Flask, groups: Iterable[Routes]) -> None:
    declared = {f"{route.method} {route.rule}" for group in groups for route in group.all}
    if strays := {rule.endpoint for rule in app.url_map.iter_rules()} - declared - PUBLIC:
        raise ValueError(f"these views declare no scope: {sorted(strays)}")


def _add_edges(app: Flask, service: Service) -> None:
    app.before_request(_begin)
    app.after_request(_finish)
    app.register_error_handler(Problem, _problem)
    app.register_error_handler(Unavailable, _unavailable)
    app.register_error_handler(HTTPException, _http_exception)
    app.register_error_handler(Exception, _failure)
    for kind, problem_type in service.exceptions.items():
        app.register_error_handler(kind, _translate(problem_type))


def _begin() -> None:
    context.clear()
    g.began = time.perf_counter()
    sent = headers.valid_request_id(flask.request.headers.get("X-Request-Id"))
    trace = headers.valid_traceparent(flask.request.headers.get("traceparent"))
    context.bind(request_id=sent or clock.new_id(), traceparent=trace)
    telemetry.ACTIVE_REQUESTS.inc()


def _finish(response: flask.Response) -> flask.Response:
    response.headers["X-Request-Id"] = context.current()["request_id"]
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("Cache-Control", "no-store")
    took = time.perf_counter() - g.began
    route = flask.request.url_rule.rule if flask.request.url_rule else "unknown"
    telemetry.ACTIVE_REQUESTS.dec()
    telemetry.REQUESTS.labels(flask.request.method, route, str(response.status_code)).observe(took)
    if flask.request.endpoint not in PUBLIC:
        said = {"method": flask.request.method, "route": route, "status": response.status_code}
        log.info("request", extra={**said, "duration_ms": round(took * 1000, 2)})
    return response


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


def _failure(error: Exception) -> flask.Response:
    log.error("request failed", exc_info=error)
    return _problem(Problem(problem_types.INTERNAL))
