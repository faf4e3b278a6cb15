"""Mends what is made of marshmallow schemas where generated clients could not send it.

The check of a request stays as strict as it was; only its description is made plainer:

* `null` is not mentioned: a generated client would send it for every member that nobody set.
* Members that are not declared are refused, and the schema says so. What is declared only to be
  refused with a sentence of its own is left out: a client could but send what nobody takes.
* A truth value of which only one is accepted is a truth value, and says so in words.
* Every code of an enumeration is explained by the labels of its validator.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from marshmallow import fields, validate

from chassis.http.components import Shape, explain_codes

_MEANINGS: Final = "x-meanings"
_WORDS: Final = frozenset(("title", "description"))
_NULL: Final = {"type": "null"}


def code_meanings(_converter: Any, field: fields.Field[Any], **_options: Any) -> Mapping[str, Any]:
    """Return what each code of a field means; a function for apispec's converter of fields."""
    for validator in field.validators:
        if isinstance(validator, validate.OneOf) and validator.labels:
            return {_MEANINGS: dict(zip(validator.choices, validator.labels, strict=False))}
    return {}


def simplify(schema: Shape) -> None:
    """Change a schema, in place, to a form that generated clients can send."""
    for inner in _all_within(schema):
        _leave_out_null(inner)
        if inner.get("type") == "object" and "properties" in inner:
            inner["additionalProperties"] = False  # unknown members are refused
            inner["properties"] = {
                name: member for name, member in inner["properties"].items() if _takes(member)
            }
        if inner.get("type") == "boolean" and "enum" in inner:
            _only_one_truth_value(inner)
        elif "enum" in inner:
            explain_codes(inner, inner.pop(_MEANINGS, {}))


def _takes(member: Shape) -> bool:
    """Return whether a member takes any value: what is refused has a description and no type."""
    return bool(member.keys() - _WORDS)


def _leave_out_null(schema: Shape) -> None:
    kinds = schema.get("type")
    if isinstance(kinds, list) and len(others := [kind for kind in kinds if kind != "null"]) == 1:
        schema["type"] = others[0]
    if "enum" in schema:
        schema["enum"] = [code for code in schema["enum"] if code is not None]
    if "default" in schema and schema["default"] is None:
        del schema["default"]
    if _NULL in schema.get("anyOf", ()):
        (only,) = (one for one in schema.pop("anyOf") if one != _NULL)
        schema |= only


def _only_one_truth_value(schema: Shape) -> None:
    (only,) = schema.pop("enum")
    sentence = f"Only `{str(only).lower()}` is accepted."
    schema["description"] = " ".join(filter(None, [schema.get("description"), sentence]))


def _all_within(schema: Any) -> Iterator[Shape]:
    if isinstance(schema, dict):
        yield schema
        for inner in schema.values():
            yield from _all_within(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _all_within(inner)
