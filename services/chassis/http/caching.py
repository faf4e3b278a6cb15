"""Answers that a client may keep: entity tags, 304, and gzip where it is asked for."""

import gzip
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import flask
from werkzeug.http import parse_etags, quote_etag, unquote_etag

from chassis.http.headers import GZIP_LEVEL, wants_gzip
from chassis.http.routing import Request, Response, ResponseSpec

REVALIDATE: Final = "private, no-cache"
"""Keep it for this client only, and ask each time whether it still stands."""
IMMUTABLE: Final = "private, max-age=31536000, immutable"
"""Keep it for this client only, and never ask again: it never changes."""
VARIES: Final = "Accept, Accept-Encoding"
ENCODED: Final = "-gzip"
"""What the tag of an encoded answer ends with: other bytes, another tag (RFC 9110, 8.8.3)."""
LEAST_ENCODED: Final = 1024
"""Bodies up to this size, in bytes, are sent as they are."""
TAG: Final = {"ETag": "Names the bytes of this answer; send it as `If-None-Match`."}
NOT_MODIFIED: Final = ResponseSpec("What you have still stands.", headers=TAG)
ASKS: Final = {"If-None-Match": "An `ETag`; if it still stands, the answer is 304 without a body."}

_PLAIN_TYPES: Final = ("text/", "application/json", "application/problem+json")


def tagged(
    request: Request,
    response: Response | Callable[[], Response],
    tag: str,
    *,
    immutable: bool = False,
) -> Response:
    """Give an answer its strong entity tag, or answer 304 if the client has it already.

    Args:
        request: The request.
        response: What would be answered, or what makes it; it is not made for a 304.
        tag: Names the bytes, without quotes: revision, progress, representation, and whatever else
            they depend on.
        immutable: Whether this address will always answer the same, so that nobody asks again.

    Returns:
        The answer with `ETag`, `Cache-Control` and `Vary`.
    """
    headers = {
        "ETag": quote_etag(tag),
        "Cache-Control": IMMUTABLE if immutable else REVALIDATE,
        "Vary": VARIES,
    }
    kept = _kept_tag(request.headers, tag)
    if kept is not None:
        return Response(None, 304, headers | {"ETag": quote_etag(kept)})
    made = response if isinstance(response, Response) else response()
    return replace(made, headers={**made.headers, **headers})


def revalidated(request: Request, answer: Response) -> Response:
    """Give an answer a tag made of its bytes; for what has no version of its own.

    Args:
        request: The request.
        answer: What would be answered.
    """
    return tagged(request, answer, hashlib.sha256(answer.payload()).hexdigest())


def _kept_tag(headers: Mapping[str, str], tag: str) -> str | None:
    """Return the tag that the client has, encoded or not, if it still stands."""
    sent = parse_etags(headers.get("If-None-Match"))
    if sent.star_tag:
        return tag
    return next((kept for kept in (tag, tag + ENCODED) if sent.contains_weak(kept)), None)


def encode(response: flask.Response, accept_encoding: str | None) -> flask.Response:
    """Compress the body of a finished answer if the client asks for gzip and it is worth it.

    Args:
        response: The answer; it is changed.
        accept_encoding: The request's header.

    Returns:
        The same answer.
    """
    body = response.get_data()
    plain = (response.mimetype or "").startswith(_PLAIN_TYPES)
    if len(body) <= LEAST_ENCODED or not plain or "Content-Encoding" in response.headers:
        return response
    response.vary.add("Accept-Encoding")
    if not wants_gzip(accept_encoding):
        return response
    response.set_data(gzip.compress(body, GZIP_LEVEL, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    tag, weak = unquote_etag(response.headers.get("ETag"))
    if tag is not None:
        response.set_etag(tag + ENCODED, weak=bool(weak))
    return response
