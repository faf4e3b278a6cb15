"""A small HTTP client for the running system: one connection, answers as they are."""

import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

import orjson


class NotAnswered(Exception):
    """The system did not answer at all."""


@dataclass(frozen=True)
class Reply:
    """One answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Returns the body, parsed."""
        return orjson.loads(self.body)


@dataclass
class Client:
    """Asks the system in the name of a token."""

    address: str
    token: str = ""

    def __post_init__(self) -> None:
        url = urlsplit(self.address)
        self.connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=60)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.connection.close()

    def get(self, path: str, accept: str = "application/json") -> Reply:
        """Reads."""
        return self._ask("GET", path, None, {"Accept": accept})

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Sends JSON."""
        return self._ask("POST", path, body, {"Content-Type": "application/json", **headers})

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Reply:
        allowed = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        try:
            self.connection.request(method, path, body, headers | allowed)
            response = self.connection.getresponse()
            named = {name.lower(): value for name, value in response.getheaders()}
            return Reply(response.status, named, response.read())
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            raise NotAnswered(f"{self.address} does not answer") from error
