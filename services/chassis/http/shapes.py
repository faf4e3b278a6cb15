"""JSON Schema for answers that no schema checks: what is in them, and what may be null."""

from collections.abc import Collection
from typing import Any, Final

Shape = dict[str, Any]

TEXT: Final[Shape] = {"type": "string"}
WHOLE: Final[Shape] = {"type": "integer"}
TRUTH: Final[Shape] = {"type": "boolean"}
DATE: Final[Shape] = {"type": "string", "format": "date"}
MOMENT: Final[Shape] = {"type": "string", "format": "date-time"}
OPEN: Final[Shape] = {"type": "object", "additionalProperties": True}
"""An object whose members are described elsewhere."""


def record(title: str, properties: Shape, optional: Collection[str] = ()) -> Shape:
    """Returns the shape of an object that may grow further members.

    Args:
        title: Its name in generated clients.
        properties: The shapes of its main members.
        optional: The members that can be absent; all others are always there.
    """
    required = [name for name in properties if name not in optional]
    return {"type": "object", "title": title, "required": required, "properties": properties}


def many(items: Shape) -> Shape:
    """Returns the shape of a list."""
    return {"type": "array", "items": items}


def by_name(values: Shape) -> Shape:
    """Returns the shape of an object with any names and values of one shape."""
    return {"type": "object", "additionalProperties": values}


def or_null(shape: Shape) -> Shape:
    """Returns the shape of what can be null as well."""
    return shape | {"type": [shape["type"], "null"]}
