"""A request as it comes from WSGI, and the answer that goes back."""

import gzip
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from io import BytesIO
from typing import IO, Any, Final
from urllib.parse import urlsplit

import orjson

from chassis import clock
from chassis.http import problem_types
from chassis.http.bodies import MAX_BYTES
from chassis.http.errors import MEDIA_TYPE, Problem
from chassis.http.headers import GZIP_LEVEL, valid_request_id, wants_gzip
from gateway.problem_types import LENGTH_INVALID

HOP_BY_HOP: Final = frozenset(
    [
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ]
)
NOT_PASSED: Final = HOP_BY_HOP | frozenset(
    [
        "host",
        "expect",
        "content-length",
        "forwarded",
        "x-request-id",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-forwarded-prefix",
    ]
)
READ_WHOLE: Final = 64 * 1024
"""Bodies up to this size are read before a connection is taken from the pool."""
SWALLOWED: Final = 8 * MAX_BYTES
"""A refused body up to this size is read to its end; a larger one costs the connection."""


@dataclass
class Bounded:
    """A body of known length on a connection that goes on after it."""

    source: IO[bytes]
    left: int

    def read(self, size: int = -1) -> bytes:
        """Reads, but never past the end of the body.

        Raises:
            OSError: The client went away before it had sent all.
        """
        wanted = self.left if size < 0 else min(size, self.left)
        piece = self.source.read(wanted) if wanted else b""
        if wanted and not piece:
            raise ConnectionAbortedError("the client went away")
        self.left -= len(piece)
        return piece


@dataclass(frozen=True)
class Asked:
    """What the client wants."""

    method: str
    path: str
    target: str
    headers: Mapping[str, str]
    body: IO[bytes]
    length: int | None
    client: str
    request_id: str

    @classmethod
    def of(cls, environ: Mapping[str, Any]) -> "Asked":
        """Reads a WSGI environment; the target stays spelled as it was sent."""
        sent = {_name(key): value for key, value in environ.items() if key.startswith("HTTP_")}
        if kind := environ.get("CONTENT_TYPE"):
            sent["content-type"] = kind
        return cls(
            environ["REQUEST_METHOD"],
            environ.get("PATH_INFO", "/"),
            _target(environ),
            sent,
            environ["wsgi.input"],
            _length(environ),
            environ.get("REMOTE_ADDR", ""),
            valid_request_id(sent.get("x-request-id")) or clock.new_id(),
        )

    def onward_headers(self) -> dict[str, str]:
        """Returns the headers for the service: end to end ones, and our own view of who asks."""
        dropped = NOT_PASSED | connection_options(self.headers.get("connection", ""))
        kept = {name: value for name, value in self.headers.items() if name not in dropped}
        return kept | {"x-request-id": self.request_id, "x-forwarded-for": self.client}

    def onward_body(self) -> tuple["bytes | Bounded | None", int]:
        """Returns body and length: whole if small or of unknown length, else to be streamed.

        Raises:
            Problem: `body-too-large`, or `invalid-content-length`.
        """
        if self.length is not None and self.length < 0:
            raise Problem(LENGTH_INVALID)
        if self.length is not None and self.length > MAX_BYTES:
            self._swallow(self.length)
            raise _too_large()
        if self.length is not None and self.length > READ_WHOLE:
            return Bounded(self.body, self.length), self.length
        if self.length is None and "transfer-encoding" not in self.headers:
            return None, 0
        whole = self.body.read(MAX_BYTES + 1 if self.length is None else self.length)
        if len(whole) > MAX_BYTES:
            raise _too_large()
        return whole, len(whole)

    def _swallow(self, length: int) -> None:
        """Reads a refused body of bearable size, because who is still sending cannot listen."""
        left = length if length <= SWALLOWED else 0
        while left and (piece := self.body.read(min(left, READ_WHOLE))):
            left -= len(piece)


@dataclass(frozen=True)
class Answered:
    """What the client gets."""

    status: int
    headers: list[tuple[str, str]]
    body: Iterable[bytes] = field(default_factory=list)

    @property
    def status_line(self) -> str:
        """Status and phrase, as WSGI wants them."""
        try:
            return f"{self.status} {HTTPStatus(self.status).phrase}"
        except ValueError:
            return f"{self.status} Status"

    @classmethod
    def json(cls, value: Any, status: int = 200) -> "Answered":
        """Returns a JSON answer of the gateway's own; bytes are sent as they are."""
        body = value if isinstance(value, bytes) else orjson.dumps(value)
        return cls.whole(body, "application/json", status)

    @classmethod
    def whole(cls, body: bytes, media_type: str, status: int = 200) -> "Answered":
        """Returns an answer of the gateway's own."""
        headers = [("Content-Type", media_type), ("Content-Length", str(len(body)))]
        return cls(status, [*headers, ("Cache-Control", "no-store")], [body])

    def encoded(self, asked: Asked) -> "Answered":
        """Returns the same, compressed if the client asks for gzip."""
        vary = [*self.headers, ("Vary", "Accept-Encoding")]
        if not wants_gzip(asked.headers.get("accept-encoding")):
            return Answered(self.status, vary, self.body)
        body = gzip.compress(b"".join(self.body), GZIP_LEVEL, mtime=0)
        kept = [(name, value) for name, value in vary if name != "Content-Length"]
        sizes = [("Content-Length", str(len(body))), ("Content-Encoding", "gzip")]
        return Answered(self.status, [*kept, *sizes], [body])

    @classmethod
    def problem(cls, problem: Problem, asked: Asked) -> "Answered":
        """Returns a problem as an answer."""
        document = problem.document(asked.path, asked.request_id)
        answer = cls.whole(document, MEDIA_TYPE, problem.kind.status)
        return cls(answer.status, [*answer.headers, *problem.headers.items()], answer.body)

    def without_body(self) -> "Answered":
        """Returns the same for a HEAD request."""
        return Answered(self.status, self.headers, BytesIO())


def connection_options(value: str) -> frozenset[str]:
    """Returns the headers that a `Connection` header makes hop-by-hop."""
    return frozenset(name.strip().lower() for name in value.split(",") if name.strip())


def _name(key: str) -> str:
    return key.removeprefix("HTTP_").replace("_", "-").lower()


def _target(environ: Mapping[str, Any]) -> str:
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI") or environ.get("PATH_INFO", "/")
    if not raw.startswith("/"):  # absolute form
        split_target = urlsplit(raw)
        raw = (split_target.path or "/") + (f"?{split_target.query}" if split_target.query else "")
    return str(raw)


def _length(environ: Mapping[str, Any]) -> int | None:
    text = environ.get("CONTENT_LENGTH") or ""
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() else -1


def _too_large() -> Problem:
    return Problem(problem_types.TOO_LARGE, limit=MAX_BYTES)
