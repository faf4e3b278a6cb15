"""Mends what is made of marshmallow schemas where generators of clients cannot read it."""

from collections.abc import Iterator
from typing import Any

from chassis.http.components import Shape, explain_codes

MEANINGS = "x-enum-meanings"
"""Put into a field's metadata: what each code means, by code."""


def simplify(schema: Shape) -> None:
    """Change a schema, in place, to a form that generated clients can send.

    The check of the request stays as strict as it was; only its description is made plainer.
    """
    for inner in _all_within(schema):
        if inner.get("type") == "boolean" and "enum" in inner:
            _only_one_truth_value(inner)
        elif "enum" in inner:
            explain_codes(inner, inner.pop(MEANINGS, {}))


def _only_one_truth_value(schema: Shape) -> None:
    (only,) = schema.pop("enum")
    sentence = f"Only `{str(only).lower()}` is accepted."
    schema["description"] = " ".join(filter(None, [schema.get("description"), sentence]))


def _all_within(schema: Any) -> Iterator[Shape]:
    if isinstance(schema, dict):
        if "type" in schema or "enum" in schema:
            yield schema
        for inner in schema.values():
            yield from _all_within(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _all_within(inner)
