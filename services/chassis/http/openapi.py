"""OpenAPI 3.1 from the routes and the very schemas that check the requests."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema

from chassis.http import problem_types, request_schemas
from chassis.http.components import REFERENCE, Components
from chassis.http.errors import MEDIA_TYPE, ProblemType
from chassis.http.fields import StructField
from chassis.http.problem_document import ProblemDocument
from chassis.http.routing import ANY_TOKEN, TEXT, ResponseSpec, Route, Routes

_VARIABLE = re.compile(r"<(?:(\w+):)?(\w+)>")

_DEMANDED: Mapping[ProblemType, str] = {
    problem_types.KEY_REQUIRED: "Idempotency-Key",
    problem_types.REVISION_REQUIRED: "If-Match",
}
"""The header that a route demands if it can complain that it is missing."""

_PATH_TYPES: Final = {"": "string", "string": "string", "int": "integer"}
"""The JSON type of a variable of a path, by its converter."""

PROBLEM: Final = "Problem"


def describe(name: str, version: str, groups: Iterable[Routes]) -> dict[str, Any]:
    """Returns the OpenAPI 3.1 document of a service.

    Args:
        name: The service.
        version: Its version.
        groups: All routes, by part.

    Raises:
        ValueError: Two different schemas have one name.
    """
    marshmallow = MarshmallowPlugin(schema_name_resolver=cast("Any", _schema_name))
    spec = APISpec(
        title=name,
        version=version,
        openapi_version="3.1.0",
        plugins=[marshmallow],
        security=[{"bearer": []}],
        servers=[{"url": "/"}],
    )
    converter: Any = marshmallow.converter  # it is there since the specification was made
    converter.add_attribute_function(request_schemas.code_meanings)
    converter.add_attribute_function(_struct_reference)
    spec.components.security_scheme(
        "bearer", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    )
    routes = [(group.tag, route) for group in groups for route in group.all]
    components = _components(route for _, route in routes)
    for tag, route in routes:
        path = _VARIABLE.sub(r"{\2}", route.rule)
        operation = _operation(tag, route, components)
        spec.path(path, operations={route.method.lower(): operation})
    document = spec.to_dict()
    _add_schemas(document, components)
    return document


def _components(routes: Iterable[Route]) -> Components:
    types: list[Any] = [ProblemDocument]
    for route in routes:
        sent = route.body.fields.values() if route.body is not None else ()
        declared = [spec.schema for spec in route.responses.values()]
        declared += [field.struct for field in sent if isinstance(field, StructField)]
        for schema in declared:
            if _is_typed(schema) and not any(schema is known for known in types):
                types.append(schema)
    return Components(types, {ProblemDocument.__name__: PROBLEM})


def _struct_reference(_converter: Any, field: Any, **_options: Any) -> Mapping[str, Any]:
    """Return the reference to the class of a field; a function for apispec's converter."""
    if not isinstance(field, StructField):
        return {}
    return {"$ref": REFERENCE.format(name=field.struct.__name__)}


def _is_typed(schema: Any) -> bool:
    return schema is not None and not isinstance(schema, (Schema, Mapping))


def _add_schemas(document: dict[str, Any], components: Components) -> None:
    """Add the typed components to those that marshmallow's plugin has made."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for schema in schemas.values():
        request_schemas.simplify(schema)
    for item in document["paths"].values():
        for operation in item.values():
            for parameter in operation.get("parameters", ()):
                request_schemas.simplify(parameter["schema"])
    if same := sorted(schemas.keys() & components.schemas.keys()):
        raise ValueError(f"schemas of requests and of responses share a name: {', '.join(same)}")
    schemas |= components.schemas


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


def _operation(tag: str, route: Route, components: Components) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "tags": [tag],
        "summary": route.summary,
        "description": _description(route),
        "parameters": [
            *_path_parameters(route),
            *_query_parameters(route),
            *_header_parameters(route),
        ],
        "responses": _responses(route, components),
        "security": [{"bearer": [] if route.scope == ANY_TOKEN else [route.scope]}],
    }
    if route.body is not None:
        operation["requestBody"] = {"required": True, "content": _contents(route.consumes, route)}
    return operation


def _description(route: Route) -> str:
    scope = f"It needs the scope `{route.scope}`." if route.scope else "Any valid token will do."
    return "\n\n".join(filter(None, [route.description, scope]))


def _contents(media_types: Iterable[str], route: Route) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": route.body}
    if route.examples:
        content["examples"] = {name: {"value": value} for name, value in route.examples.items()}
    return {kind: dict(content) for kind in media_types}


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    return [
        {"in": "path", "name": name, "required": True, "schema": {"type": _PATH_TYPES[converter]}}
        for converter, name in _VARIABLE.findall(route.rule)
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


def _responses(route: Route, components: Components) -> dict[str, Any]:
    responses = {str(status): _reply(route, status, components) for status in route.responses}
    for kind in (*_usual_problems(route), *route.problems):
        described = responses.setdefault(str(kind.status), {"description": "", "content": {}})
        described["description"] = "; ".join(filter(None, [described["description"], kind.title]))
        described["content"][MEDIA_TYPE] = {"schema": {"$ref": REFERENCE.format(name=PROBLEM)}}
    return responses


def _reply(route: Route, status: int, components: Components) -> dict[str, Any]:
    reply = route.responses[status]
    described: dict[str, Any] = {"description": reply.description, "content": {}}
    if reply.headers:
        described["headers"] = {
            name: {"description": text, "schema": {"type": "string"}}
            for name, text in reply.headers.items()
        }
    for kind in route.produces if reply.schema is not None or reply.example is not None else ():
        described["content"][kind] = _reply_content(kind, reply, components)
    return described


def _reply_content(kind: str, reply: ResponseSpec, components: Components) -> dict[str, Any]:
    if kind == TEXT:
        return {"schema": {"type": "string"}}
    content = {"schema": _reply_schema(reply.schema, components)}
    return content | ({"example": reply.example} if reply.example is not None else {})


def _reply_schema(schema: Any, components: Components) -> Any:
    if _is_typed(schema):
        return components.of(schema)
    if isinstance(schema, Mapping):
        return components.place(schema)
    return schema if schema is not None else {}


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
