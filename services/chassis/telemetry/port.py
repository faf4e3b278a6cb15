"""Figures and probes over HTTP, for a process that serves nothing else."""

import json
import logging
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from wsgiref.simple_server import WSGIRequestHandler, make_server

from prometheus_client import make_wsgi_app
from prometheus_client.exposition import ThreadingWSGIServer

from chassis.settings import SettingsError

log = logging.getLogger(__name__)

Check = Callable[[], object]
"""Raises when what it looks at is not well."""
_PATIENCE_SECONDS: Final = 5.0


def serve(host: str, port: int, probes: Mapping[str, Mapping[str, Check]]) -> int:
    """Answer `/metrics` and the probes from threads of their own; returns the port.

    Args:
        host: what to listen on.
        port: where; 0 lets the system choose.
        probes: path, then the checks by name; all pass: 200, otherwise 503.

    Raises:
        SettingsError: the port cannot be had.
    """
    if port and _taken(host, port):
        raise SettingsError(f"METRICS_PORT {port} on {host} is taken: choose another")
    try:
        server = make_server(host, port, application(probes), _Server, _Handler)
    except OSError as error:
        raise SettingsError(f"METRICS_PORT {port} on {host}: {error.strerror}") from None
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server.server_port


def application(probes: Mapping[str, Mapping[str, Check]]) -> Callable[[Any, Any], Iterable[bytes]]:
    """Return the WSGI application: Prometheus' own at `/metrics`, and the probes."""
    metrics = make_wsgi_app()

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/metrics":
            served: Iterable[bytes] = metrics(environ, start_response)
            return served
        status, document = _probe(probes[path]) if path in probes else _NOT_FOUND
        body = json.dumps(document).encode()
        length = ("Content-Length", str(len(body)))
        start_response(status, [("Content-Type", "application/json"), length])
        return [body]

    return answer


class _Server(ThreadingWSGIServer):
    allow_reuse_port = True  # the supervisor holds the port while we are being replaced


class _Handler(WSGIRequestHandler):
    timeout = _PATIENCE_SECONDS  # a client that sends nothing holds a thread no longer

    def log_message(self, *_: Any) -> None:
        """Probes come every few seconds; a line for each helps nobody."""


def _taken(host: str, port: int) -> bool:
    """Tell whether another process listens; binding does not fail, since the port may be shared."""
    try:
        socket.create_connection((host, port), 1.0).close()
    except OSError:
        return False
    return True


_NOT_FOUND: Final[tuple[str, dict[str, Any]]] = ("404 Not Found", {"status": "not-found"})


def _probe(checks: Mapping[str, Check]) -> tuple[str, dict[str, Any]]:
    passed = {name: _passes(name, check) for name, check in checks.items()}
    healthy = all(passed.values())
    return "200 OK" if healthy else "503 Service Unavailable", {
        "status": "ok" if healthy else "unavailable",
        "checks": {name: "ok" if passes else "failed" for name, passes in passed.items()},
    }


def _passes(name: str, check: Check) -> bool:
    try:
        check()
    except Exception:  # noqa: BLE001 - whatever it is, the answer is the same: not now
        log.warning("check failed", extra={"reason": name})
        return False
    return True
