"""One page for each service, made from what the service says of itself.

`python -m tests.service_pages` writes them; a test refuses pages that are out of date.
"""

import functools
import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "docs" / "services"
SERVICES = ("intake", "diagnosis", "treatment")


@functools.cache
def described(service: str) -> dict[str, Any]:
    """What `python -m <service> describe` prints."""
    environment = os.environ | {"PYTHONPATH": str(ROOT / "services")}
    command = [sys.executable, "-m", service, "describe"]
    description: dict[str, Any] = orjson.loads(subprocess.check_output(command, env=environment))
    return description


def page(service: str) -> str:
    """The page of a service."""
    return "\n".join(_lines(service, described(service))) + "\n"


def _lines(service: str, description: dict[str, Any]) -> Iterator[str]:
    purpose = (importlib.import_module(service).__doc__ or "").strip()
    yield f"# {service}"
    yield ""
    yield purpose
    yield ""
    yield "Made by `python -m tests.service_pages`; do not edit."
    yield ""
    yield from _table(
        "Routes", ("method", "path", "does", "scope"), _routes(description["openapi"])
    )
    yield from _table("Subscribes to", ("topic", "event"), _events(description["subscribes"]))
    yield from _table("Publishes", ("topic", "event"), _events(description["publishes"]))
    yield "Health: `/livez`, `/readyz`, `/startupz`. Figures: `/metrics`. Roles: `api`, `worker`,"
    yield f"`relay`, `migrate`, each `python -m {service} <role>`."


def _table(title: str, heads: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    yield f"## {title}"
    yield ""
    yield f"| {' | '.join(heads)} |"
    yield "|---" * len(heads) + "|"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def _routes(openapi: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for path, methods in openapi["paths"].items():
        for method, route in methods.items():
            scopes = [
                scope for need in route.get("security", ()) for scope in need.get("bearer", ())
            ]
            named = ", ".join(f"`{scope}`" for scope in scopes) or "any token"
            yield method.upper(), f"`{path}`", route["summary"], named


def _events(topics: dict[str, list[str]]) -> Iterator[tuple[str, ...]]:
    for topic, types in topics.items():
        for kind in types:
            yield f"`{topic}`", f"`{kind}`"


if __name__ == "__main__":
    PAGES.mkdir(parents=True, exist_ok=True)
    for name in SERVICES:
        (PAGES / f"{name}.md").write_text(page(name))
