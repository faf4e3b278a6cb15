"""A connection serves the next request only if nothing of the last answer is left on it."""

import contextlib
import threading
from collections.abc import Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from gateway.upstreams import PIECE, Pieces, Upstream


class Answers(BaseHTTPRequestHandler):
    """Answers `/long` in two pieces, the second when it may; keeps the connection open.

    Between the pieces nothing is on the connection, so that nobody sees that more will come.
    """

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = self.path.encode()
        if self.path == "/long":
            body = b"a" * PIECE
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Length", str(len(body) * (2 if self.path == "/long" else 1)))
        self.end_headers()
        with contextlib.suppress(OSError):  # who asked may have gone
            self.wfile.write(body)
            if self.path == "/long":
                self.wfile.flush()
                self.server.may_end.wait(10)
                self.wfile.write(body)

    def setup(self):
        super().setup()
        self.server.connections.append(self.client_address)

    def log_message(self, *_ignored):
        pass


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.connections = []
    server.may_end = threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.may_end.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def upstream(server) -> Iterator[Upstream]:
    upstream = Upstream.at("things", f"http://127.0.0.1:{server.server_port}", 1)
    yield upstream
    upstream.pool.close()


def test_what_was_read_to_its_end_gives_its_connection_to_the_next(upstream, server):
    server.may_end.set()
    pieces = Pieces(upstream.ask("GET", "/long", {}))
    assert sum(map(len, pieces)) == 2 * PIECE
    pieces.close()

    assert upstream.get("/b", {})[2] == b"/b"
    assert len(server.connections) == 1


def test_what_was_read_in_half_never_gives_its_connection_to_the_next(upstream, server):
    pieces = Pieces(upstream.ask("GET", "/long", {}))
    assert len(next(iter(pieces))) == PIECE
    pieces.close()

    assert upstream.get("/b", {})[2] == b"/b"
    assert len(server.connections) == 2
