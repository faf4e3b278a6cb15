"""One Flask application per service: routes, problem documents, and nothing undeclared."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

import flask
from flask import Flask, g

from chassis import clock, context, telemetry
from chassis.http import (
    bodies,
    caching,
    error_handlers,
    headers,
    own_routes,
    problem_types,
    validation,
)
from chassis.http.auth import Verifier
from chassis.http.errors import Problem, ProblemType
from chassis.http.health import Check, probes
from chassis.http.routing import Request, Response, Route, Routes

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
        """Return every problem that the service can answer with, by slug."""
        declared = [kind for group in self.routes for route in group.all for kind in route.problems]
        return {
            kind.slug: kind
            for kind in (*problem_types.COMMON, *self.exceptions.values(), *declared)
        }


def create_app(service: Service) -> Flask:
    """Build the WSGI application of a service.

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
    version = own_routes.version_routes(service.name, service.version, service.about)
    groups = [*service.routes, version]
    for route in (route for group in groups for route in group.all):
        _add(app, service, route)
    app.register_blueprint(probes(service.ready, service.started))
    own_routes.add_description(app, service.name, service.version, groups)
    own_routes.add_problem_pages(app, service.problem_types())
    own_routes.add_metrics(app)
    error_handlers.register(app, service.exceptions)
    app.before_request(_begin)
    app.after_request(_finish)
    _refuse_undeclared(app, groups)
    return app


def _add(app: Flask, service: Service, route: Route) -> None:
    def view(**variables: str) -> flask.Response:
        request = _checked_request(route, service.verifier)
        return _flask_response(route.handler(request, service.dependencies, **variables))

    name = f"{route.method} {route.rule}"
    app.add_url_rule(
        route.rule, name, view, methods=[route.method], provide_automatic_options=False
    )


def _checked_request(route: Route, verifier: Verifier) -> Request:
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
    charset = flask.request.mimetype_params.get("charset", "utf-8").lower()
    if flask.request.mimetype not in route.consumes or charset not in ("utf-8", "utf8"):
        raise Problem(problem_types.WRONG_MEDIA_TYPE, allowed=list(route.consumes))
    if flask.request.headers.get("Content-Encoding", "identity") != "identity":
        raise Problem(problem_types.WRONG_MEDIA_TYPE, "An encoded body is not read.")
    return bodies.parse_json(flask.request.get_data(cache=False))


def _flask_response(response: Response) -> flask.Response:
    return flask.Response(
        response.payload(),
        response.status,
        dict(response.headers),
        content_type=response.content_type() if response.body is not None else None,
    )


def _refuse_undeclared(app: Flask, groups: Iterable[Routes]) -> None:
    declared = {f"{route.method} {route.rule}" for group in groups for route in group.all}
    if strays := {rule.endpoint for rule in app.url_map.iter_rules()} - declared - PUBLIC:
        raise ValueError(f"these views declare no scope: {sorted(strays)}")


def _begin() -> None:
    context.clear()
    g.began = time.perf_counter()
    request_id = headers.valid_request_id(flask.request.headers.get("X-Request-Id"))
    trace = headers.valid_traceparent(flask.request.headers.get("traceparent"))
    context.bind(request_id=request_id or clock.new_id(), traceparent=trace)
    telemetry.ACTIVE_REQUESTS.inc()


def _finish(response: flask.Response) -> flask.Response:
    response.headers["X-Request-Id"] = context.current()["request_id"]
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("Cache-Control", "no-store")
    caching.encode(response, flask.request.headers.get("Accept-Encoding"))
    took_s = time.perf_counter() - g.began
    route = flask.request.url_rule.rule if flask.request.url_rule else "unknown"
    labels = (flask.request.method, route, str(response.status_code))
    telemetry.ACTIVE_REQUESTS.dec()
    telemetry.REQUESTS.labels(*labels).observe(took_s)
    if flask.request.endpoint not in PUBLIC:
        ids = {"method": flask.request.method, "route": route, "status": response.status_code}
        log.info("request", extra={**ids, "duration_ms": round(took_s * 1000, 2)})
    return response
