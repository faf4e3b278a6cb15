"""The gateway as a WSGI application."""

import logging
import os
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import orjson

from chassis import logs
from chassis.http import problem_types
from chassis.http.errors import Problem
from chassis.http.server import in_one_line
from gateway import description
from gateway.problem_types import ALL
from gateway.requests import Answered, Asked
from gateway.routes import SERVICES, service_for
from gateway.settings import Settings
from gateway.upstreams import Upstream

VERSION: Final = "0.1.0"
HEALTH: Final = frozenset({"/livez", "/readyz", "/startupz"})
log = logging.getLogger(__name__)


def api() -> "Gateway":
    """Builds the gateway from the environment."""
    with in_one_line("gateway"):
        settings = Settings.from_environment(os.environ)
    logs.configure("gateway", settings.log_format)
    upstreams = {
        name: Upstream.at(name, address, settings.threads)
        for name, address in settings.addresses.items()
    }
    return Gateway(upstreams)


class Gateway:
    """Routes to services, and answers for itself where the question is about the whole."""

    def __init__(self, upstreams: Mapping[str, Upstream]) -> None:
        self.upstreams = upstreams
        self.own: dict[str, Callable[[Asked], Answered]] = {
            "/livez": lambda _asked: Answered.json({"status": "ok"}),
            "/startupz": lambda _asked: Answered.json({"status": "ok"}),
            "/readyz": self._ready,
            "/v1/version": self._version,
            "/openapi.json": self._description,
        }
        self._described = b""

    def __call__(self, environ: Mapping[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answers one request, and writes one line about it."""
        began = time.perf_counter()
        asked = Asked.of(environ)
        answer = self._safely(asked)
        start_response(answer.status_line, [*answer.headers, ("X-Request-Id", asked.request_id)])
        if asked.path not in HEALTH:
            _log_request(asked, answer.status, time.perf_counter() - began)
        return answer.body

    def _safely(self, asked: Asked) -> Answered:
        try:
            return self._answer(asked)
        except Problem as problem:
            return Answered.problem(problem, asked)
        except Exception:
            log.exception("request failed", extra={"request_id": asked.request_id})
            return Answered.problem(Problem(problem_types.INTERNAL), asked)

    def _answer(self, asked: Asked) -> Answered:
        if service := service_for(asked.path):
            return self.upstreams[service].pass_on(asked)
        own = self.own.get(asked.path)
        if own is None and asked.path.startswith("/problems/"):
            own = self._problem_page
        if own is None:
            raise Problem(problem_types.NOT_FOUND)
        if asked.method not in ("GET", "HEAD"):
            raise Problem(problem_types.WRONG_METHOD, headers={"Allow": "GET, HEAD"})
        answer = own(asked)
        return answer.without_body() if asked.method == "HEAD" else answer

    def _ready(self, _asked: Asked) -> Answered:
        checks = {name: _is_ready(upstream) for name, upstream in self.upstreams.items()}
        ready = all(checks.values())
        results = {name: "ok" if passed else "failed" for name, passed in checks.items()}
        body = {"status": "ok" if ready else "unavailable", "checks": results}
        return Answered.json(body, 200 if ready else 503)

    def _version(self, asked: Asked) -> Answered:
        """Every service's version; they check the token, and a refusal is passed on."""
        services = {}
        for name, upstream in self.upstreams.items():
            status, _, body = upstream.get("/v1/version", _unpacked(asked))
            if status != 200:  # noqa: PLR2004
                return upstream.pass_on(asked)
            services[name] = orjson.loads(body)
        return Answered.json({"service": "backmice", "version": VERSION, "services": services})

    def _description(self, asked: Asked) -> Answered:
        if not self._described:
            documents = {
                name: orjson.loads(upstream.get("/openapi.json", _unpacked(asked), 10.0)[2])
                for name, upstream in self.upstreams.items()
            }
            self._described = orjson.dumps(description.merge(VERSION, documents))
        return Answered.json(self._described).encoded(asked)

    def _problem_page(self, asked: Asked) -> Answered:
        kinds = {kind.uri: kind for kind in (*problem_types.COMMON, *ALL)}
        if kind := kinds.get(asked.path):
            return Answered.whole(kind.page().encode(), "text/plain; charset=utf-8")
        for upstream in self.upstreams.values():
            status, media_type, body = upstream.get(asked.target, {})
            if status == 200:  # noqa: PLR2004
                return Answered.whole(body, media_type)
        raise Problem(problem_types.NOT_FOUND)


def _is_ready(upstream: Upstream) -> bool:
    try:
        return upstream.get("/readyz", {})[0] == 200  # noqa: PLR2004
    except Problem:
        return False


def _unpacked(asked: Asked) -> dict[str, str]:
    """Return the headers for a service whose answer is read here, so not compressed."""
    return asked.onward_headers() | {"accept-encoding": "identity"}


def _log_request(asked: Asked, status: int, took: float) -> None:
    route = service_for(asked.path) or "gateway"
    fields = {"request_id": asked.request_id, "method": asked.method, "route": route}
    log.info("request", extra={**fields, "status": status, "duration_ms": round(took * 1000, 2)})


__all__ = ["SERVICES", "Gateway", "api"]
