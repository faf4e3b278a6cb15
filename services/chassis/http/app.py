"""One Flask application per service: doors in, problems out, and nothing undeclared."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

import orjson
from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from chassis import clock, context, telemetry
from chassis.http import bodies, headers, openapi, problem_types, shapes, validation
from chassis.http.auth import Verifier
from chassis.http.doors import ANY_TOKEN, JSON, Answer, Call, Door, Doors, Reply
from chassis.http.errors import MEDIA_TYPE, Problem, ProblemType
from chassis.http.health import Check, probes
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
        doors: Its doors, by part.
        verifier: Checks tokens.
        parts: What handlers get as their second argument: databases, rules, and so on.
        ready: Checks by name for `/readyz`; each raises if the service is not ready.
        started: The same for `/startupz`.
        exceptions: Which problem an exception of the domain is. If it has `errors` (a list of
            places), they are shown; its text is shown as `detail`, so it must not quote free text.
        about: Served at `/v1/version`, beside name and version.
    """

    name: str
    version: str
    doors: Sequence[Doors]
    verifier: Verifier
    parts: Any = None
    ready: Mapping[str, Check] = field(default_factory=dict)
    started: Mapping[str, Check] = field(default_factory=dict)
    exceptions: Mapping[type[Exception], ProblemType] = field(default_factory=dict)
    about: Callable[[], Mapping[str, Any]] = dict

    def problem_types(self) -> dict[str, ProblemType]:
        """Returns every problem that the service can answer with, by slug."""
        declared = [kind for part in self.doors for door in part.all for kind in door.problems]
        return {
            kind.slug: kind
            for kind in (*problem_types.COMMON, *self.exceptions.values(), *declared)
        }


def create_app(service: Service) -> Flask:
    """Builds the WSGI application of a service.

    Args:
        service: Its doors and what they need.

    Returns:
        A Flask application in which every view but `PUBLIC` is a declared door.

    Raises:
        ValueError: If a view was added that is no door.
    """
    app = Flask(service.name, static_folder=None)
    app.url_map.merge_slashes = False
    app.config.update(MAX_CONTENT_LENGTH=bodies.MAX_BYTES, PROVIDE_AUTOMATIC_OPTIONS=False)
    parts = [*service.doors, _version_doors(service)]
    for door in (door for part in parts for door in part.all):
        _add(app, service, door)
    app.register_blueprint(probes(service.ready, service.started))
    _add_description(app, service, parts)
    _add_edges(app, service)
    _refuse_undeclared(app, parts)
    return app


def _add(app: Flask, service: Service, door: Door) -> None:
    def view(**variables: str) -> Response:
        call = _open(door, service.verifier)
        return _respond(door.handler(call, service.parts, **variables))

    name = f"{door.method} {door.rule}"
    app.add_url_rule(door.rule, name, view, methods=[door.method], provide_automatic_options=False)


def _open(door: Door, verifier: Verifier) -> Call:
    principal = verifier.verify(request.headers.get("Authorization"))
    context.bind(tenant_id=principal.tenant_id, actor=principal.client_id)
    principal.require(door.scope)
    accepts = headers.choose(request.headers.get("Accept", ""), door.produces)
    query = validation.load_query(door.query, list(request.args.items(multi=True)))
    document = _document(door) if door.body is not None else None
    body = validation.load(door.body, document) if door.body is not None else None
    ids = context.current()
    return Call(
        principal,
        body,
        query,
        document,
        accepts,
        cast("Mapping[str, str]", request.headers),
        request.method,
        request.path,
        ids["request_id"],
        ids.get("traceparent"),
    )


def _document(door: Door) -> Any:
    sent = headers.media_type(request.headers.get("Content-Type", ""))
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if sent not in door.consumes or charset not in ("utf-8", "utf8"):
        raise Problem(problem_types.WRONG_MEDIA_TYPE, allowed=list(door.consumes))
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise Problem(problem_types.WRONG_MEDIA_TYPE, "An encoded body is not read.")
    return bodies.parse_json(request.get_data(cache=False))


def _respond(answer: Answer) -> Response:
    return Response(
        answer.payload(),
        answer.status,
        dict(answer.headers),
        content_type=answer.content_type() if answer.body is not None else None,
    )


def _version_doors(service: Service) -> Doors:
    doors = Doors("service")
    said = Reply("The service, its version, and what it works by.", shapes.VERSION)

    @doors.door("GET", "/v1/version", scope=ANY_TOKEN, replies={200: said})
    def version(_call: Call, _parts: Any) -> Answer:
        """What runs here."""
        return Answer({"service": service.name, "version": service.version, **service.about()})

    return doors


def _add_description(app: Flask, service: Service, parts: Sequence[Doors]) -> None:
    kinds = service.problem_types()
    built: dict[str, bytes] = {}

    def describe() -> Response:
        if not built:  # at the first question, not at the start
            built["json"] = orjson.dumps(openapi.describe(service.name, service.version, parts))
        return Response(built["json"], content_type=JSON)

    def page(slug: str) -> Response:
        if slug not in kinds:
            raise Problem(problem_types.NOT_FOUND)
        return Response(kinds[slug].page(), content_type="text/plain; charset=utf-8")

    def index() -> Response:
        listed = [
            {"type": kind.uri, "status": kind.status, "title": kind.title}
            for kind in kinds.values()
        ]
        return Response(orjson.dumps({"problems": listed}), content_type=JSON)

    def figures() -> Response:
        return Response(telemetry.expose(), content_type=telemetry.MEDIA_TYPE)

    app.add_url_rule("/openapi.json", "openapi", describe)
    app.add_url_rule("/problems/<slug>", "problem", page)
    app.add_url_rule("/problems", "problems", index)
    app.add_url_rule("/metrics", "metrics", figures)


def _refuse_undeclared(app: Flask, parts: Iterable[Doors]) -> None:
    declared = {f"{door.method} {door.rule}" for part in parts for door in part.all}
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
    sent = headers.valid_request_id(request.headers.get("X-Request-Id"))
    trace = headers.valid_traceparent(request.headers.get("traceparent"))
    context.bind(request_id=sent or clock.new_id(), traceparent=trace)
    telemetry.ACTIVE_REQUESTS.inc()


def _finish(response: Response) -> Response:
    response.headers["X-Request-Id"] = context.current()["request_id"]
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("Cache-Control", "no-store")
    took = time.perf_counter() - g.began
    route = request.url_rule.rule if request.url_rule else "unknown"
    telemetry.ACTIVE_REQUESTS.dec()
    telemetry.REQUESTS.labels(request.method, route, str(response.status_code)).observe(took)
    if request.endpoint not in PUBLIC:
        said = {"method": request.method, "route": route, "status": response.status_code}
        log.info("request", extra={**said, "duration_ms": round(took * 1000, 2)})
    return response


def _problem(problem: Problem) -> Response:
    telemetry.PROBLEMS.labels(problem.kind.slug).inc()
    document = problem.document(request.path, context.current().get("request_id"))
    return Response(document, problem.kind.status, problem.headers, content_type=MEDIA_TYPE)


def _translate(kind: ProblemType) -> Callable[[Exception], Response]:
    return lambda error: _problem(Problem(kind, str(error), errors=getattr(error, "errors", ())))


def _unavailable(error: Unavailable) -> Response:
    log.warning("storage unavailable", exc_info=error)
    return _problem(Problem(problem_types.UNAVAILABLE, headers={"Retry-After": "1"}))


def _http_exception(error: HTTPException) -> Response:
    if isinstance(error, MethodNotAllowed):
        allowed = ", ".join(sorted(error.valid_methods or ()))
        return _problem(Problem(problem_types.WRONG_METHOD, headers={"Allow": allowed}))
    if isinstance(error, RequestEntityTooLarge):
        return _problem(Problem(problem_types.TOO_LARGE, limit=bodies.MAX_BYTES))
    kind = problem_types.NOT_FOUND if error.code == 404 else problem_types.MALFORMED_JSON  # noqa: PLR2004
    return _problem(Problem(kind))


def _failure(error: Exception) -> Response:
    log.error("request failed", exc_info=error)
    return _problem(Problem(problem_types.INTERNAL))
