"""What every service answers about itself: its version, its description, its problems, figures."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import flask
import msgspec
import orjson
from flask import Flask
from msgspec import Struct

from chassis import telemetry
from chassis.http import openapi, problem_types
from chassis.http.errors import Problem, ProblemType
from chassis.http.routing import ANY_TOKEN, JSON, Request, Response, ResponseSpec, Routes


class ServiceVersion(Struct, frozen=True, kw_only=True):
    """A service, its version, and what it works by.

    Attributes:
        service: The service.
        version: Its version.
    """

    service: str
    version: str


class ProblemSummary(Struct, frozen=True, kw_only=True):
    """A type of problem in a list.

    Attributes:
        type: The address at which it is explained.
        status: The HTTP status.
        title: The same short sentence for each problem of this type.
    """

    type: str
    status: int
    title: str


class ProblemList(Struct, frozen=True, kw_only=True):
    """Every type of problem that a service can answer with.

    Attributes:
        problems: The types.
    """

    problems: list[ProblemSummary]


def version_routes(name: str, version: str, about: Callable[[], Mapping[str, Any]]) -> Routes:
    """Return the route that shows the version.

    Args:
        name: The service.
        version: Its version.
        about: What else it works by.
    """
    routes = Routes("service")
    described = ResponseSpec("The service, its version, and what it works by.", ServiceVersion)

    @routes.route("GET", "/v1/version", scope=ANY_TOKEN, responses={200: described})
    def read_version(_request: Request, _dependencies: Any) -> Response:
        """Show what runs here.

        The version of the program, and of what it works by.
        """
        return Response({"service": name, "version": version, **about()})

    return routes


def add_description(app: Flask, name: str, version: str, groups: Sequence[Routes]) -> None:
    """Serve `/openapi.json`; it is written at the first request, not at the start.

    Args:
        app: The application.
        name: The service.
        version: Its version.
        groups: All routes.
    """
    written: list[bytes] = []

    def describe() -> flask.Response:
        if not written:
            written.append(orjson.dumps(openapi.describe(name, version, groups)))
        return flask.Response(written[0], content_type=JSON)

    app.add_url_rule("/openapi.json", "openapi", describe)


def add_problem_pages(app: Flask, kinds: Mapping[str, ProblemType]) -> None:
    """Serve `/problems` and a page for each type.

    Args:
        app: The application.
        kinds: The types by slug.
    """
    listed = ProblemList(
        problems=[
            ProblemSummary(type=kind.uri, status=kind.status, title=kind.title)
            for kind in kinds.values()
        ]
    )

    def page(slug: str) -> flask.Response:
        if slug not in kinds:
            raise Problem(problem_types.NOT_FOUND)
        return flask.Response(kinds[slug].page(), content_type="text/plain; charset=utf-8")

    def index() -> flask.Response:
        return flask.Response(msgspec.json.encode(listed), content_type=JSON)

    app.add_url_rule("/problems/<slug>", "problem", page)
    app.add_url_rule("/problems", "problems", index)


def add_metrics(app: Flask) -> None:
    """Serve `/metrics`."""

    def metrics() -> flask.Response:
        return flask.Response(telemetry.expose(), content_type=telemetry.MEDIA_TYPE)

    app.add_url_rule("/metrics", "metrics", metrics)
