"""A small port of a process that serves nothing else: figures and probes."""

import json
import logging
import socket
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from chassis.settings import SettingsError
from chassis.telemetry import MEDIA_TYPE, expose

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
    handler = type("Handler", (_Handler,), {"probes": probes})
    if port and _taken(host, port):
        raise SettingsError(f"METRICS_PORT {port} on {host} is taken: choose another")
    try:
        server = _Server((host, port), handler)
    except OSError as error:
        raise SettingsError(f"METRICS_PORT {port} on {host}: {error.strerror}") from None
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return int(server.server_address[1])


class _Server(ThreadingHTTPServer):
    allow_reuse_port = True  # the supervisor holds the port while we are being replaced


def _taken(host: str, port: int) -> bool:
    """Tell whether somebody listens; binding does not say so, since the port may be shared."""
    try:
        socket.create_connection((host, port), 1.0).close()
    except OSError:
        return False
    return True


class _Handler(BaseHTTPRequestHandler):
    probes: Mapping[str, Mapping[str, Check]]
    timeout = _PATIENCE_SECONDS  # a client that says nothing holds a thread no longer
    server_version, sys_version = "metrics", ""

    def do_GET(self) -> None:
        """Answer."""
        path = self.path.partition("?")[0]
        if path == "/metrics":
            self._reply(200, expose(), MEDIA_TYPE)
        elif path in self.probes:
            found = {name: _passes(name, check) for name, check in self.probes[path].items()}
            well = all(found.values())
            body = {
                "status": "ok" if well else "unavailable",
                "checks": {name: "ok" if so else "failed" for name, so in found.items()},
            }
            self._reply(200 if well else 503, json.dumps(body).encode(), "application/json")
        else:
            self._reply(404, b'{"status": "not-found"}', "application/json")

    def log_message(self, *_: Any) -> None:
        """Probes come every few seconds; nobody wants to read of them."""

    def _reply(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        for name, value in (("Content-Type", kind), ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _passes(name: str, check: Check) -> bool:
    try:
        check()
    except Exception:  # noqa: BLE001 - whatever it is, the answer is the same: not now
        log.warning("check failed", extra={"reason": name})
        return False
    return True
