"""Probes: alive (answers), started (schema fits), ready (may be sent work)."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from flask import Blueprint, Response

Check = Callable[[], object]
log = logging.getLogger(__name__)


def probes(ready: Mapping[str, Check], started: Mapping[str, Check]) -> Blueprint:
    """Returns `/livez`, `/readyz` and `/startupz`.

    Args:
        ready: Checks by name; each raises if the process should not be sent work.
        started: The same for the start, such as "the schema has the version we need".
    """
    blueprint = Blueprint("health", __name__)

    # Liveness asks nobody: an outage of a dependency must not start a restart storm.
    blueprint.add_url_rule("/livez", view_func=lambda: _answer({}), endpoint="livez")
    blueprint.add_url_rule("/readyz", view_func=lambda: _answer(ready), endpoint="readyz")
    blueprint.add_url_rule("/startupz", view_func=lambda: _answer(started), endpoint="startupz")
    return blueprint


def _answer(checks: Mapping[str, Check]) -> Response:
    results = {name: _passes(name, check) for name, check in checks.items()}
    well = all(results.values())
    body: dict[str, Any] = {
        "status": "ok" if well else "unavailable",
        "checks": {name: "ok" if passed else "failed" for name, passed in results.items()},
    }
    headers = {"Cache-Control": "no-store"} | ({} if well else {"Retry-After": "1"})
    status = 200 if well else 503
    return Response(orjson.dumps(body), status, headers, content_type="application/json")


def _passes(name: str, check: Check) -> bool:
    try:
        check()
    except Exception:  # whatever it is, the answer is the same: not now
        log.warning("check failed", exc_info=True, extra={"reason": name})
        return False
    return True
