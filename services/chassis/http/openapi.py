"""OpenAPI 3.1 from the routes and the very schemas that check the requests."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema

from chassis.http import problem_types
from chassis.http.errors import MEDIA_TYPE, ProblemType
from chassis.http.routing import ANY_TOKEN, TEXT, Route, Routes

_VARIABLE = re.compile(r"<(?:\w+:)?(\w+)>")

_DEMANDED: Mapping[ProblemType, str] = {
    problem_types.KEY_REQUIRED: "Idempotency-Key",
    problem_types.REVISION_REQUIRED: "If-Match",
}
"""The header that a route demands if it can complain that it is missing."""

_PROBLEM_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "description": "RFC 9457.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}


def describe(name: str, version: str, dependencies: Iterable[Routes]) -> dict[str, Any]:
    """Returns the OpenAPI 3.1 document of a service.

    Args:
        name: The service.
        version: Its version.
        dependencies: All routes, by part.
    """
    spec = APISpec(
        title=name,
        version=version,
        openapi_version="3.1.0",
        plugins=[MarshmallowPlugin(schema_name_resolver=cast("Any", _schema_name))],
        security=[{"bearer": []}],
        servers=[{"url": "/"}],
    )
    spec.components.security_scheme(
        "bearer", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    )
    spec.components.schema("Problem", dict(_PROBLEM_SCHEMA))
    for part in dependencies:
        for route in part.all:
            path = _VARIABLE.sub(r"{\1}", route.rule)
            spec.path(path, operations={route.method.lower(): _operation(part.tag, route)})
    return spec.to_dict()


def _schema_name(schema: Any) -> str | None:
    """A name for each distinct schema; two views of one class must not share it."""
    kind = schema if isinstance(schema, type) else type(schema)
    name = str(kind.__name__).removesuffix("Schema") or "Schema"
    if kind is Schema or (isinstance(schema, Schema) and "GeneratedSchema" in name):
        return None  # made on the spot: described in place
    if isinstance(schema, Schema):
        name += "Partial" if schema.partial else ""
        name += "_".join(["", *sorted(schema.only)]) if schema.only else ""
        name += "_".join(["_without", *sorted(schema.exclude)]) if schema.exclude else ""
    return name


def _operation(tag: str, route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "tags": [tag],
        "summary": route.summary,
        "parameters": [
            *_path_parameters(route),
            *_query_parameters(route),
            *_header_parameters(route),
        ],
        "responses": _responses(route),
        "security": [{"bearer": [] if route.scope == ANY_TOKEN else [route.scope]}],
    }
    if route.body is not None:
        operation["requestBody"] = {"required": True, "content": _contents(route.consumes, route)}
    return operation


def _contents(media_types: Iterable[str], route: Route) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": route.body}
    if route.examples:
        content["examples"] = {name: {"value": value} for name, value in route.examples.items()}
    return {kind: dict(content) for kind in media_types}


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    names = _VARIABLE.findall(route.rule)
    return [
        {"in": "path", "name": name, "required": True, "schema": {"type": "string"}}
        for name in names
    ]


def _query_parameters(route: Route) -> list[dict[str, Any]]:
    return [{"in": "query", "schema": route.query}] if route.query is not None else []


def _header_parameters(route: Route) -> list[dict[str, Any]]:
    demanded = {_DEMANDED[kind] for kind in route.problems if kind in _DEMANDED}
    return [
        {
            "in": "header",
            "name": name,
            "required": name in demanded,
            "description": text,
            "schema": {"type": "string"},
        }
        for name, text in route.headers.items()
    ]


def _responses(route: Route) -> dict[str, Any]:
    responses = {str(status): _reply(route, status) for status in route.responses}
    for kind in (*_usual_problems(route), *route.problems):
        described = responses.setdefault(str(kind.status), {"description": "", "content": {}})
        described["description"] = "; ".join(filter(None, [described["description"], kind.title]))
        described["content"][MEDIA_TYPE] = {"schema": "Problem"}
    return responses


def _reply(route: Route, status: int) -> dict[str, Any]:
    reply = route.responses[status]
    described: dict[str, Any] = {"description": reply.description, "content": {}}
    if reply.headers:
        described["headers"] = {
            name: {"description": text, "schema": {"type": "string"}}
            for name, text in reply.headers.items()
        }
    for kind in route.produces if reply.schema is not None or reply.example is not None else ():
        described["content"][kind] = _reply_content(kind, reply.schema, reply.example)
    return described


def _reply_content(
    kind: str, schema: Schema | Mapping[str, Any] | None, example: Any
) -> dict[str, Any]:
    if kind == TEXT:
        return {"schema": {"type": "string"}}
    content: dict[str, Any] = {"schema": schema if schema is not None else {}}
    return content | ({"example": example} if example is not None else {})


def _usual_problems(route: Route) -> Iterable[ProblemType]:
    yield problem_types.UNAUTHENTICATED
    if route.scope:
        yield problem_types.FORBIDDEN
    yield problem_types.BAD_QUERY
    yield problem_types.NOT_ACCEPTABLE
    if "<" in route.rule:
        yield problem_types.NOT_FOUND
    if route.body is not None:
        yield problem_types.MALFORMED_JSON
        yield problem_types.DUPLICATE_NAME
        yield problem_types.NOT_FINITE
        yield problem_types.TOO_DEEP
        yield problem_types.TOO_LARGE
        yield problem_types.WRONG_MEDIA_TYPE
        yield problem_types.INVALID
    yield problem_types.UNAVAILABLE
