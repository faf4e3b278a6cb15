"""Lists in pages: opaque cursors, and the Link header that carries them."""

import base64
import binascii
from typing import Any, Final
from urllib.parse import urlencode

import orjson
from marshmallow import Schema, fields, validate

from chassis.http import problem_types
from chassis.http.errors import Problem
from chassis.http.routing import Request

LARGEST_PAGE: Final = 100


class PageQuery(Schema):
    """The query of a list; inherit from it to add filters."""

    limit = fields.Integer(load_default=20, validate=validate.Range(1, LARGEST_PAGE))
    cursor = fields.String(load_default=None, validate=validate.Length(1, 512))


def cursor(*position: str | int) -> str:
    """Returns an opaque cursor that holds a position."""
    return base64.urlsafe_b64encode(orjson.dumps(position)).decode().rstrip("=")


def position(text: str, *types: type) -> list[Any]:
    """Returns the position in a cursor.

    Args:
        text: The cursor, as it was sent.
        *types: The type of each part that `cursor` was given.

    Raises:
        Problem: `invalid-cursor`.
    """
    try:
        dependencies = orjson.loads(
            base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
        )
    except (ValueError, binascii.Error):
        raise Problem(problem_types.BAD_CURSOR) from None
    if not isinstance(dependencies, list) or [type(part) for part in dependencies] != list(types):
        raise Problem(problem_types.BAD_CURSOR)
    return dependencies


def links(request: Request, next_cursor: str | None) -> dict[str, str]:
    """Returns the headers of a page: a `Link` to the next one, if there is a next one."""
    if next_cursor is None:
        return {}
    kept = {name: str(value) for name, value in request.query.items() if value is not None}
    query = urlencode(kept | {"cursor": next_cursor})
    return {"Link": f'<{request.path}?{query}>; rel="next"'}
