"""One OpenAPI document from those of the services."""

import re
from collections.abc import Mapping
from typing import Any, Final

import orjson

from chassis.http.components import DESCRIBED_BY, REFERENCE, Shape
from chassis.http.shapes import VERSION, by_name, record

_OWN: Final = "/v1/version"
_VERSIONS: Final = {
    "description": "The version of the whole, and of each service.",
    "content": {
        "application/json": {
            "schema": record("Versions", VERSION["properties"] | {"services": by_name(VERSION)})
        }
    },
}
_REFERENCE = re.compile(r'"#/components/schemas/([^"]+)"')


def merge(version: str, documents: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Returns the description of the whole interface.

    Args:
        version: Of the whole.
        documents: The services' own OpenAPI documents, by service.

    Returns:
        All paths; a schema name that two services use for different things gets its service's
        name in front, and so does an operation id.
    """
    names = _names(documents)
    merged: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Backmice", "version": version, "description": _TEXT},
        "security": [{"bearer": []}],
        "servers": [{"url": "/"}],
        "paths": {},
        "components": {"schemas": {}, "securitySchemes": {}},
    }
    for service, document in documents.items():
        renamed = _rename(document, names[service])
        merged["paths"] |= {path: item for path, item in renamed["paths"].items() if path != _OWN}
        merged["paths"].setdefault(_OWN, renamed["paths"].get(_OWN, {}))
        for kind in ("schemas", "securitySchemes"):
            merged["components"][kind] |= renamed.get("components", {}).get(kind, {})
    if version_of_all := merged["paths"].get(_OWN, {}).get("get"):
        version_of_all["responses"]["200"] = _VERSIONS
    _name_operations(merged)
    return merged


def _schemas(document: Mapping[str, Any]) -> dict[str, Shape]:
    found: dict[str, Shape] = document.get("components", {}).get("schemas", {})
    return found


def _names(documents: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, str]]:
    """Returns the new names of schemas, by service and old name."""
    clashing = _clashing(documents)
    names = {
        service: {
            name: f"{service.title()}{name}" for name in _schemas(document) if name in clashing
        }
        for service, document in documents.items()
    }
    for service, document in documents.items():
        for name, schema in _schemas(document).items():
            if owner := schema.get(DESCRIBED_BY):
                theirs = owner["schema"]
                names[service][name] = names.get(owner["service"], {}).get(theirs, theirs)
    return names


def _clashing(documents: Mapping[str, dict[str, Any]]) -> set[str]:
    """Returns the names that mean different things, in themselves or by what they refer to."""
    seen: dict[str, Any] = {}
    clashing = set()
    for document in documents.values():
        for name, schema in _schemas(document).items():
            if DESCRIBED_BY not in schema and seen.setdefault(name, schema) != schema:
                clashing.add(name)
    while further := {
        name
        for document in documents.values()
        for name, schema in _schemas(document).items()
        if name not in clashing and clashing & set(_references(schema))
    }:
        clashing |= further
    return clashing


def _references(schema: Shape) -> list[str]:
    return _REFERENCE.findall(orjson.dumps(schema).decode())


def _rename(document: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    def reference(found: re.Match[str]) -> str:
        return f'"{REFERENCE.format(name=names.get(found[1], found[1]))}"'

    renamed: dict[str, Any] = orjson.loads(
        _REFERENCE.sub(reference, orjson.dumps(document).decode())
    )
    if "schemas" in renamed.get("components", {}):
        renamed["components"]["schemas"] = {
            names.get(name, name): schema
            for name, schema in _schemas(renamed).items()
            if DESCRIBED_BY not in schema
        }
    return renamed


def _name_operations(document: dict[str, Any]) -> None:
    seen: set[str] = set()
    for item in document["paths"].values():
        for operation in item.values():
            if not isinstance(operation, dict) or "operationId" not in operation:
                continue
            if operation["operationId"] in seen:
                operation["operationId"] = "_".join(
                    [*operation.get("tags", []), operation["operationId"]]
                )
            seen.add(operation["operationId"])


_TEXT: Final = (
    "Decision support for low back pain whose cause is often missed. It supports a clinician "
    "and does not replace one. Clinical sign-off of its rules: none yet."
)
