"""Answers that a client may keep and ask about again: entity tags and 304."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from chassis.http.routing import Request, Response, ResponseSpec

KEEP: Final = "private, no-cache"
"""Keep it for this client only, and ask each time whether it still stands."""
TAG: Final = {"ETag": "What this answer says, in one word; send it as `If-None-Match`."}
NOT_MODIFIED: Final = ResponseSpec("What you have still stands.", headers=TAG)
ASKS: Final = {"If-None-Match": "An `ETag`; if it still stands, the answer is 304 without a body."}

_TAGS: Final = re.compile(r'(?:W/)?"([^"]*)"')


def revalidated(request: Request, answer: Response) -> Response:
    """Gives an answer its entity tag, or 304 if the client has it already.

    Args:
        request: The request.
        answer: What would be answered; its bytes make the tag.
    """
    tag = hashlib.sha256(answer.payload()).hexdigest()
    headers = {"ETag": f'"{tag}"', "Cache-Control": KEEP, "Vary": "Accept, Authorization"}
    if has(request.headers, tag):
        return Response(None, 304, headers)
    return replace(answer, headers={**answer.headers, **headers})


def has(headers: Mapping[str, str], tag: str) -> bool:
    """Whether the client says that it has what a tag names."""
    sent = headers.get("If-None-Match", "").strip()
    return sent == "*" or tag in _TAGS.findall(sent)
