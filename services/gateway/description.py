"""One OpenAPI document from those of the services."""

import re
from collections.abc import Mapping
from typing import Any, Final

import orjson

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
    clashing = _clashing(documents)
    merged: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Backmice", "version": version, "description": _TEXT},
        "security": [{"bearer": []}],
        "servers": [{"url": "/"}],
        "paths": {},
        "components": {"schemas": {}, "securitySchemes": {}},
    }
    for service, document in documents.items():
        renamed = _rename(document, {name: f"{service.title()}{name}" for name in clashing})
        merged["paths"] |= {path: item for path, item in renamed["paths"].items() if path != _OWN}
        merged["paths"].setdefault(_OWN, renamed["paths"].get(_OWN, {}))
        for kind in ("schemas", "securitySchemes"):
            merged["components"][kind] |= renamed.get("components", {}).get(kind, {})
    if version_of_all := merged["paths"].get(_OWN, {}).get("get"):
        version_of_all["responses"]["200"] = _VERSIONS
    _name_operations(merged)
    return merged


def _clashing(documents: Mapping[str, dict[str, Any]]) -> set[str]:
    seen: dict[str, Any] = {}
    clashing = set()
    for document in documents.values():
        for name, schema in document.get("components", {}).get("schemas", {}).items():
            if seen.setdefault(name, schema) != schema:
                clashing.add(name)
    return clashing


def _rename(document: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    def reference(found: re.Match[str]) -> str:
        return f'"#/components/schemas/{names.get(found[1], found[1])}"'

    renamed: dict[str, Any] = orjson.loads(
        _REFERENCE.sub(reference, orjson.dumps(document).decode())
    )
    schemas = renamed.get("components", {}).get("schemas", {})
    for old in names.keys() & schemas.keys():
        schemas[names[old]] = schemas.pop(old)
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
