"""One OpenAPI document from those of the services."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import orjson
from msgspec import Struct

from chassis.http.components import DESCRIBED_BY, REFERENCE, Components, Shape

_VERSION_PATH: Final = "/v1/version"
_TEXT: Final = (
    "Decision support for low back pain whose cause is often missed. It supports a clinician "
    "and does not replace one. Clinical sign-off of its rules: none yet.\n\n"
    "What is not known is left out of a request, or sent as `null`; it is never taken for a no. "
    "The schemas of requests do not mention `null`, because generated clients would send it for "
    "every finding that nobody asked about. In a correction (a JSON merge patch) `null` takes a "
    "finding back."
)
_CONTACT: Final = {"name": "Whoever runs this system"}
_LICENSE: Final = {"name": "Apache 2.0", "identifier": "Apache-2.0"}
_TAGS: Final = {
    "cases": "Submit cases, follow and correct them, read what to do.",
    "assessments": "How likely each cause is, and why.",
    "plans": "What to offer, what not, and why.",
    "rules": "The diagnostic rules: in words and as data, with sources, labels and tests.",
    "guidance": "The rules for treatment: in words and as data, with sources, labels and tests.",
    "preparation": "Turn a submission into the facts that are judged, without storing it.",
    "knowledge": "The vocabulary: what a case may say, and in which words.",
    "service": "What runs here.",
}
_REFERENCE = re.compile(r'"#/components/schemas/([^"]+)"')


class SetInUse(Struct, frozen=True, kw_only=True):
    """A set of rules by which a service judges today.

    Attributes:
        version: Its version.
        sha256: The digest of its canonical content.
    """

    version: str
    sha256: str


class ServiceVersion(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A service, its version, and what it works by.

    Attributes:
        service: The service.
        version: Its version.
        ruleset: The rules by which diagnosis judges.
        guidance: The rules by which treatment judges.
        vocabulary: The digest of the vocabulary that intake checks cases by.
    """

    service: str
    version: str
    ruleset: SetInUse | None = None
    guidance: SetInUse | None = None
    vocabulary: str | None = None


class SystemVersion(Struct, frozen=True, kw_only=True):
    """The version of the whole, and of each service.

    Attributes:
        service: The whole.
        version: Its version.
        services: Each service by name.
    """

    service: str
    version: str
    services: dict[str, ServiceVersion]


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
        "info": {
            "title": "Backmice",
            "version": version,
            "description": _TEXT,
            "contact": _CONTACT,
            "license": _LICENSE,
        },
        "security": [{"bearer": []}],
        "servers": [{"url": "/"}],
        "paths": {},
        "components": {"schemas": {}, "securitySchemes": {}},
    }
    for service, document in documents.items():
        renamed = _rename(document, names[service])
        merged["paths"] |= {
            path: item for path, item in renamed["paths"].items() if path != _VERSION_PATH
        }
        merged["paths"].setdefault(_VERSION_PATH, renamed["paths"].get(_VERSION_PATH, {}))
        for kind in ("schemas", "securitySchemes"):
            merged["components"][kind] |= renamed.get("components", {}).get(kind, {})
    _describe_versions(merged)
    _name_operations(merged)
    merged["tags"] = _tags(merged)
    return merged


def _describe_versions(merged: dict[str, Any]) -> None:
    """Describe the answer of the gateway, which is that of all services together."""
    operation = merged["paths"].get(_VERSION_PATH, {}).get("get")
    if operation is None:
        return
    components = Components([SystemVersion])
    merged["components"]["schemas"] |= components.schemas
    operation["responses"]["200"] = {
        "description": "The version of the whole, and of each service.",
        "content": {"application/json": {"schema": components.of(SystemVersion)}},
    }


def _tags(merged: Mapping[str, Any]) -> list[dict[str, str]]:
    named = {
        tag: None
        for item in merged["paths"].values()
        for operation in item.values()
        for tag in operation.get("tags", ())
    }
    return [{"name": tag, "description": _TAGS.get(tag, f"{tag.title()}.")} for tag in named]


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
    shared = {name for name, times in _times_named(documents).items() if times > 1}
    while further := {
        name
        for document in documents.values()
        for name, schema in _schemas(document).items()
        if name in shared - clashing and clashing & set(_references(schema))
    }:
        clashing |= further
    return clashing


def _times_named(documents: Mapping[str, dict[str, Any]]) -> Counter[str]:
    """Count how many services name a schema; one that a single service has keeps its name."""
    return Counter(name for document in documents.values() for name in _schemas(document))


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
