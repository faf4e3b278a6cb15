"""A real gateway in front of three small services, all on sockets."""

import http.client
import json
import socket
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import pytest

from gateway.app import Gateway
from gateway.upstreams import Upstream


@dataclass
class Service:
    """What a service was asked, and what it shall answer."""

    name: str
    asked: list = field(default_factory=list)
    connections: set = field(default_factory=set)
    behaviour: object = None
    address: str = ""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    service: Service

    def answer(self):
        self.service.connections.add(self.client_address)
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        self.service.asked.append((self.command, self.path, dict(self.headers.items()), body))
        if self.service.behaviour:
            return self.service.behaviour(self)
        own_answer = {"/openapi.json": DESCRIPTION, "/problems/own": "own"}.get(self.path)
        return self.say(json.dumps(own_answer or {"service": self.service.name}).encode())

    do_GET = do_POST = do_PATCH = do_HEAD = do_PUT = answer  # noqa: N815 - the base class's spelling

    def say(self, body, status=200, headers=()):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "application/json")
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_arguments):
        pass


DESCRIPTION = {"openapi": "3.1.0", "info": {}, "paths": {"/v1/version": {}}, "components": {}}


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class QuietHandler(WSGIRequestHandler):
    def log_message(self, *_arguments):
        pass

    def get_environ(self):
        return super().get_environ() | {"RAW_URI": self.path}


def serve(server):
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()


@pytest.fixture
def services():
    """Three services; `services[name].behaviour` replaces what one of them does."""
    running, servers = {}, []
    for name in ("intake", "diagnosis", "treatment"):
        service = Service(name)
        handler = type("Bound", (Handler,), {"service": service})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        service.address = f"http://127.0.0.1:{server.server_address[1]}"
        serve(server)
        running[name] = service
        servers.append(server)
    yield running
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def gateway(services):
    """The gateway's WSGI application."""
    made = Gateway({name: Upstream.at(name, s.address, 8) for name, s in services.items()})
    yield made
    for upstream in made.upstreams.values():
        upstream.pool.close()


@pytest.fixture
def ask(gateway):
    """Asks the gateway over a socket; returns status, headers and body."""
    server = Server(("127.0.0.1", 0), QuietHandler)
    server.set_app(gateway)
    serve(server)

    def ask(method, path, body=None, headers=None):
        connection = http.client.HTTPConnection(*server.server_address, timeout=10)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            named = {name.lower(): value for name, value in response.getheaders()}
            return response.status, named, response.read()
        finally:
            connection.close()

    yield ask
    server.shutdown()
    server.server_close()


@pytest.fixture
def closed_port():
    """A port that nobody listens on, and nobody else gets meanwhile unless it shares it."""
    with socket.socket() as reserved:
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        reserved.bind(("127.0.0.1", 0))
        yield reserved.getsockname()[1]
