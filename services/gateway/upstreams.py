"""The services behind the gateway: pools of kept-alive connections, and one try per request."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ReadTimeoutError,
)
from urllib3.util import SKIP_HEADER

from chassis.http.errors import Problem, ProblemType
from gateway import problem_types
from gateway.requests import HOP_BY_HOP, READ_WHOLE, Answered, Asked, connection_options

CONNECT_S: Final = 2.0
ANSWER_S: Final = 45.0
"""Longer than the longest `Prefer: wait` that a service grants."""
PIECE: Final = 64 * 1024
AGAIN: Final = "Repeat the request with the same Idempotency-Key."


@dataclass
class Upstream:
    """One service.

    Args:
        name: For problems and logs.
        pool: Its connections; there are as many as requests at once.
    """

    name: str
    pool: urllib3.HTTPConnectionPool

    @classmethod
    def at(cls, name: str, address: str, connections: int) -> "Upstream":
        """Returns the service at an address such as `http://127.0.0.1:8081`."""
        pool = urllib3.connection_from_url(
            address,
            maxsize=connections,
            block=False,
            retries=False,
            timeout=urllib3.Timeout(connect=CONNECT_S, read=ANSWER_S),
        )
        return cls(name, pool)

    def pass_on(self, asked: Asked) -> Answered:
        """Sends a request on, once, and returns the service's answer with a body still to be read.

        Raises:
            Problem: The service is away, silent, or broke off.
        """
        body, length = asked.onward_body()
        headers = asked.onward_headers() | (
            {"content-length": str(length)} if body is not None else {}
        )
        response = self.ask(asked.method, asked.target, headers, body)
        with self._telling(asked.method):
            return Answered(response.status, _end_to_end(response), _body(response, asked.method))

    def ask(
        self,
        method: str,
        target: str,
        headers: dict[str, str],
        body: Any = None,
        timeout: float | None = None,
    ) -> urllib3.BaseHTTPResponse:
        """Sends one request; the connection goes back to the pool when the body has been read.

        Raises:
            Problem: As in `pass_on`.
        """
        plain = {
            name: SKIP_HEADER for name in ("user-agent", "accept-encoding") if name not in headers
        }
        patience = urllib3.Timeout(connect=CONNECT_S, read=timeout or ANSWER_S)
        with self._telling(method):
            return self.pool.urlopen(
                method,
                target,
                body=body,
                headers=headers | plain,
                timeout=patience,
                redirect=False,
                preload_content=False,
                decode_content=False,
            )

    def get(
        self, target: str, headers: dict[str, str], timeout: float = 2.0
    ) -> tuple[int, str, bytes]:
        """Returns status, media type and whole body of a small GET of the gateway's own.

        Raises:
            Problem: As in `pass_on`.
        """
        response = self.ask("GET", target, headers, timeout=timeout)
        with self._telling("GET"):
            return response.status, response.headers.get("content-type", ""), response.read()

    @contextmanager
    def _telling(self, method: str) -> Iterator[None]:
        """Says what became of a service that did not answer, or not to the end."""
        try:
            yield
        except (NewConnectionError, ConnectTimeoutError) as error:
            raise self._problem(problem_types.SERVICE_AWAY, method) from error
        except ReadTimeoutError as error:
            raise self._problem(problem_types.SERVICE_SILENT, method) from error
        except (HTTPError, OSError) as error:
            raise self._problem(problem_types.SERVICE_BROKE_OFF, method) from error

    def _problem(self, kind: ProblemType, method: str) -> Problem:
        headers = {"Retry-After": "1"} if kind is problem_types.SERVICE_AWAY else {}
        detail = f"{kind.title}: {self.name}." + (f" {AGAIN}" if method == "POST" else "")
        return Problem(kind, detail, headers=headers, service=self.name)


def _end_to_end(response: urllib3.BaseHTTPResponse) -> list[tuple[str, str]]:
    dropped = HOP_BY_HOP | connection_options(response.headers.get("connection", ""))
    # The server in front of us writes its own Server and Date.
    dropped |= {"server", "date", "x-request-id"}
    return [
        (name, value) for name, value in response.headers.items() if name.lower() not in dropped
    ]


def _body(response: urllib3.BaseHTTPResponse, method: str) -> Any:
    length = response.headers.get("content-length", "")
    if method == "HEAD" or (length.isdigit() and int(length) <= READ_WHOLE):
        return [response.read()]  # the connection is free before the client has read a byte
    return Pieces(response)


class Pieces:
    """A body in pieces; a client that goes away ends the request to the service as well."""

    def __init__(self, response: urllib3.BaseHTTPResponse) -> None:
        self.response = response

    def __iter__(self) -> Iterator[bytes]:
        return self.response.stream(PIECE)

    def close(self) -> None:
        if getattr(self.response, "_fp", None) is not None and not self.response.closed:
            self.response.close()
        self.response.release_conn()
