"""Readers of request headers: ids, preferences, preconditions, media types."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from werkzeug.datastructures import Accept, MIMEAccept
from werkzeug.http import parse_accept_header, parse_etags, parse_options_header, quote_etag

from chassis.http import problem_types
from chassis.http.errors import Problem

GZIP_LEVEL: Final = 5
"""How hard bodies are compressed: most of the gain for a little of the time."""

LONGEST_WAIT_S: Final = 30

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
)
_WAIT = re.compile(r"(?:^|[,;])\s*wait\s*=\s*\"?(\d{1,9})\"?\s*(?=$|[,;])", re.IGNORECASE)
_KEY = re.compile(r'"([\x21\x23-\x7e]{1,255})"|([\x21\x23-\x7e]{1,255})')
_MALFORMED_KEY: Final = (
    "The Idempotency-Key must be 1 to 255 visible ASCII characters without spaces or quotes."
)

_MALFORMED_TAG: Final = 'If-Match takes the `ETag` as it was answered, with its quotes: `"3"`.'


def valid_request_id(sent: str | None) -> str | None:
    """Returns a caller's request id if it is fit for logs and headers."""
    return sent if sent and _REQUEST_ID.fullmatch(sent) else None


def valid_traceparent(sent: str | None) -> str | None:
    """Returns a W3C `traceparent` if it is valid."""
    return sent if sent and _TRACEPARENT.fullmatch(sent) else None


def wait_seconds(headers: Mapping[str, str]) -> int:
    """Returns N of `Prefer: wait=N`, at most 30; 0 if the caller does not want to wait."""
    found = _WAIT.search(headers.get("Prefer", ""))
    return min(int(found[1]), LONGEST_WAIT_S) if found else 0


def idempotency_key(headers: Mapping[str, str]) -> str:
    """Returns the `Idempotency-Key`, sent bare or quoted.

    Raises:
        Problem: `idempotency-key-required` if it is missing or malformed.
    """
    sent = headers.get("Idempotency-Key", "").strip()
    found = _KEY.fullmatch(sent)
    if not found:
        raise Problem(problem_types.KEY_REQUIRED, _MALFORMED_KEY if sent else "")
    return found[1] or found[2]


def etag(revision: int) -> str:
    """Returns the entity tag of a revision: `"3"`."""
    return quote_etag(str(revision))


def require_revision(headers: Mapping[str, str], current: int) -> None:
    """Refuses a change that was not made in view of the current revision.

    Args:
        headers: The request's headers.
        current: The newest revision, read in the transaction that will change it. Any tag of it
            will do: `"3"`, `"3.planned.json"`.

    Raises:
        Problem: `revision-required` without `If-Match`, `stale-revision` if it names another.
    """
    sent = headers.get("If-Match", "").strip()
    if not sent:
        raise Problem(problem_types.REVISION_REQUIRED)
    tags = parse_etags(sent)
    quoted = [tag for tag in tags if quote_etag(tag) in sent]  # a strong tag stands in quotes
    if not tags.star_tag and str(current) not in map(_revision, quoted):
        raise Problem(
            problem_types.STALE,
            "" if quoted else _MALFORMED_TAG,
            headers={"ETag": etag(current)},
            current_revision=current,
        )


def _revision(tag: str) -> str:
    """Returns the revision in a tag: what stands before the first dot, however it is encoded."""
    return tag.partition(".")[0].removesuffix("-gzip")


def media_type(header: str) -> str:
    """Returns the bare media type of a `Content-Type` in lower case."""
    return parse_options_header(header)[0].lower()


def choose(accept: str, produces: Sequence[str]) -> str:
    """Returns the media type to answer with.

    Args:
        accept: The `Accept` header; empty means anything.
        produces: What is served, the default first.

    Raises:
        Problem: `not-acceptable`, with what is served in `allowed`.
    """
    if not accept.strip():
        return produces[0]
    wanted = parse_accept_header(accept, MIMEAccept)
    chosen = wanted.best_match(kind for name in produces for kind in _spellings(name))
    if chosen is None:
        raise Problem(problem_types.NOT_ACCEPTABLE, allowed=list(produces))
    return media_type(chosen)


def _spellings(kind: str) -> tuple[str, ...]:
    return (kind, f"{kind};charset=utf-8") if kind.startswith("text/") else (kind,)


def wants_gzip(accept_encoding: str | None) -> bool:
    """Return whether a request asks for gzip.

    Args:
        accept_encoding: Its header.
    """
    return bool(parse_accept_header(accept_encoding, Accept).quality("gzip") > 0)
