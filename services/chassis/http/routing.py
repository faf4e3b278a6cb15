"""Routes: what a service answers over HTTP, declared once for routing, checks and description."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import cleandoc
from typing import Any, Final, TypeVar

import msgspec
import orjson
from marshmallow import Schema

from chassis.http.auth import Principal
from chassis.http.errors import ProblemType

JSON: Final = "application/json"
MERGE_PATCH: Final = "application/merge-patch+json"
TEXT: Final = "text/plain"
ANY_TOKEN: Final = ""
"""The scope of a route that every valid token opens."""

Handler = TypeVar("Handler", bound=Callable[..., "Response"])


@dataclass(frozen=True)
class Response:
    """What a handler returns.

    Attributes:
        body: A JSON value or a `msgspec.Struct`, alone or within one; or bytes, sent unchanged; or
            text, sent as `text/plain`; or None.
        status: The HTTP status.
        headers: Further headers.
        media_type: Of the body; guessed from its type if empty.
    """

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = ""

    def payload(self) -> bytes:
        """Returns the bytes to send."""
        if self.body is None or isinstance(self.body, bytes):
            return self.body or b""
        if isinstance(self.body, str):
            return self.body.encode()
        if isinstance(self.body, msgspec.Struct):
            return msgspec.json.encode(self.body)
        return orjson.dumps(self.body, default=_encode_struct)

    def content_type(self) -> str:
        """Returns the media type to name."""
        kind = self.media_type or (TEXT if isinstance(self.body, str) else JSON)
        return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def _encode_struct(value: Any) -> orjson.Fragment:
    if isinstance(value, msgspec.Struct):
        return orjson.Fragment(msgspec.json.encode(value))
    raise TypeError(f"{type(value).__name__} is no JSON value")


@dataclass(frozen=True)
class Request:
    """A request that has passed every check of its route.

    Attributes:
        principal: Who asks; the tenant comes from here and from nowhere else.
        body: What the route's body schema made of the document; None without one.
        query: What the route's query schema made of the query string.
        document: The JSON as it was sent, parsed; for fingerprints and merge patches.
        accepts: The media type to answer with, one of the route's `produces`.
        headers: The request's headers, by any spelling.
        method: The HTTP method.
        path: The path asked for.
        request_id: The id that logs, events and the answer carry.
        traceparent: The trace to continue, if the caller sent a valid one.
    """

    principal: Principal
    body: Any
    query: Mapping[str, Any]
    document: Any
    accepts: str
    headers: Mapping[str, str]
    method: str
    path: str
    request_id: str
    traceparent: str | None = None

    @property
    def tenant_id(self) -> str:
        """The tenant that this request works for."""
        return self.principal.tenant_id


@dataclass(frozen=True)
class ResponseSpec:
    """One answer in the API description.

    Attributes:
        description: What the answer says, in one sentence.
        schema: What its JSON is: a `msgspec.Struct` or dataclass, or a union of tagged ones named
            by `Annotated[A | B, msgspec.Meta(title="Name")]` (see `chassis.http.components`); or
            a marshmallow schema; or JSON Schema, in which whatever has a title is a component.
        example: A body.
        headers: The headers that it may carry, with one sentence each.
    """

    description: str
    schema: Any = None
    example: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Route:
    """One method on one path; see `Routes.route` for the meaning of each field."""

    method: str
    rule: str
    handler: Callable[..., Response]
    scope: str
    summary: str
    description: str
    body: Schema | None
    query: Schema | None
    consumes: Sequence[str]
    produces: Sequence[str]
    responses: Mapping[int, ResponseSpec]
    problems: Sequence[ProblemType]
    examples: Mapping[str, Any]
    headers: Mapping[str, str]

    @property
    def name(self) -> str:
        """The operation's id."""
        return self.handler.__name__


def _described(handler: Callable[..., Response], summary: str) -> tuple[str, str]:
    """Return a route's summary and its description: the first line of a docstring, and the rest."""
    first, _, rest = cleandoc(handler.__doc__ or "").partition("\n")
    return summary or first, rest.strip()


class Routes:
    """The routes of one part of a service, in the order in which they were declared."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.all: list[Route] = []

    def route(
        self,
        method: str,
        rule: str,
        *,
        scope: str,
        summary: str = "",
        body: Schema | None = None,
        query: Schema | None = None,
        consumes: Sequence[str] = (JSON,),
        produces: Sequence[str] = (JSON,),
        responses: Mapping[int, ResponseSpec] | None = None,
        problems: Sequence[ProblemType] = (),
        examples: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Callable[[Handler], Handler]:
        """Declares that the decorated function answers `method` on `rule`.

        Args:
            method: GET, POST, PATCH, PUT or DELETE.
            rule: A Flask rule, such as `/v1/things/<thing_id>`.
            scope: What the token must hold; `ANY_TOKEN` if any token will do. There is no default.
            summary: One line for the description; the first of the handler's docstring if empty.
                The rest of the docstring is the operation's description.
            body: A schema INSTANCE (a class would be built anew on every request).
            query: A schema instance for the query string; without one no parameter is allowed.
            consumes: Media types of the body, the usual one first.
            produces: Media types that can be asked for, the default first.
            responses: Answers by status, for the description.
            problems: The problems of its own that the route can answer with.
            examples: Bodies by name, for the description; tests post them.
            headers: Request headers that mean something here, with one sentence each.

        Returns:
            A decorator that leaves the function as it is. It is called with the `Request`, the
            `dependencies` given to `create_app`, and the variables of the rule by name.
        """

        def declare(handler: Handler) -> Handler:
            self.all.append(
                Route(
                    method,
                    rule,
                    handler,
                    scope,
                    *_described(handler, summary),
                    body,
                    query,
                    tuple(consumes),
                    tuple(produces),
                    dict(responses or {}),
                    tuple(problems),
                    dict(examples or {}),
                    dict(headers or {}),
                )
            )
            return handler

        return declare
