"""Marshmallow's verdict as a list of places: every fault at once, none of the caller's words."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from marshmallow import Schema, ValidationError, fields, validate

from chassis.http import problem_types
from chassis.http.errors import Problem

NOTHING: Final = object()
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")

_TYPES: Final[list[tuple[type[fields.Field[Any]], str]]] = [
    (fields.Boolean, "boolean"),
    (fields.Integer, "integer"),
    (fields.Number, "number"),
    (fields.AwareDateTime, "date-time with offset"),
    (fields.DateTime, "date-time"),
    (fields.Date, "date"),
    (fields.List, "array"),
    (fields.Nested, "object"),
    (fields.Mapping, "object"),
    (fields.String, "string"),
]


def load(schema: Schema, document: Any) -> Any:
    """Returns what the schema makes of a JSON document.

    Raises:
        Problem: `validation-failed` with one entry for each fault.
    """
    try:
        return schema.load(document)
    except ValidationError as error:
        faults = list(describe_faults(schema, document, error.messages))
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        raise Problem(problem_types.INVALID, f"The body has {count}.", errors=faults) from None


def load_query(schema: Schema | None, pairs: list[tuple[str, str]]) -> Mapping[str, Any]:
    """Returns what the schema makes of a query string; without a schema it must be empty.

    Raises:
        Problem: `invalid-query`.
    """
    sent = dict(pairs)
    faults = [
        {"parameter": name, "detail": "Sent more than once."}
        for name in sent
        if sum(name == other for other, _ in pairs) > 1
    ]
    loaded: Mapping[str, Any] = {}
    try:
        loaded = (schema or Schema()).load(sent)
    except ValidationError as error:
        found = describe_faults(schema or Schema(), sent, error.messages)
        faults += [{"parameter": fault.pop("pointer")[1:], **fault} for fault in found]
    if faults:
        raise Problem(problem_types.BAD_QUERY, errors=faults)
    return loaded


def describe_faults(schema: Schema, document: Any, messages: Any) -> Iterator[dict[str, Any]]:
    """Turns marshmallow's nested messages into flat faults.

    Args:
        schema: The schema that was applied to `document`.
        document: The JSON value as it was sent.
        messages: `ValidationError.messages`.

    Yields:
        `{"pointer", "detail", "found", "allowed"}`; `found` names a type, a number or a code.
    """
    root: Any = fields.Nested(schema, many=schema.many)
    for path, sentence in _leaves(messages, ()):
        field, value = _field_at(root, path), _value_at(document, path)
        fault: dict[str, Any] = {"pointer": _pointer(path), "detail": sentence}
        fault["found"] = _found(field, value)
        allowed = _allowed(field) if field is not None else _names(root, path)
        yield fault | ({"allowed": allowed} if allowed else {})


def _leaves(messages: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], str]]:
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            yield from _leaves(inner, path if key == "_schema" else (*path, key))
    elif isinstance(messages, list):
        for sentence in messages:
            yield from _leaves(sentence, path)
    else:
        yield path, str(messages)


def _pointer(path: tuple[Any, ...]) -> str:
    return "".join("/" + str(step)[:100].replace("~", "~0").replace("/", "~1") for step in path)


def _value_at(document: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        try:
            document = document[step]
        except (KeyError, IndexError, TypeError):
            return NOTHING
    return document


def _field_at(field: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        field = _inside(field, step)
    return field


def _inside(field: Any, step: Any) -> Any:
    if isinstance(field, fields.Nested):
        if isinstance(step, int) and field.many:
            return fields.Nested(field.schema)
        by_key = {inner.data_key or name: inner for name, inner in field.schema.fields.items()}
        return by_key.get(step)
    if isinstance(field, fields.List):
        return field.inner
    return field.value_field if isinstance(field, fields.Mapping) else None


def _found(field: Any, value: Any) -> str:
    if value is NOTHING:
        return "nothing"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return f"boolean {value}".lower()
    if isinstance(value, (int, float)):
        return f"number {value}"[:60]
    if isinstance(value, str):
        coded = field is not None and any(_choices(field)) and _CODE.fullmatch(value)
        return f"code {value}" if coded else f"string of {len(value)} characters"
    return "array" if isinstance(value, list) else "object"


def _allowed(field: Any) -> dict[str, Any]:
    named = next((name for kind, name in _TYPES if isinstance(field, kind)), "")
    allowed: dict[str, Any] = {"type": named} if named else {}
    if choices := list(_choices(field)):
        allowed["values"] = choices
    if isinstance(field, fields.Nested) and not field.many:
        allowed["fields"] = _members(field)
    for validator in field.validators:
        allowed |= _bounds(validator)
    return allowed


def _members(field: fields.Nested) -> list[str]:
    return sorted(inner.data_key or name for name, inner in field.schema.fields.items())


def _choices(field: Any) -> Iterator[Any]:
    for validator in field.validators:
        if isinstance(validator, (validate.OneOf, validate.ContainsOnly)):
            yield from validator.choices
        elif isinstance(validator, validate.Equal):
            yield validator.comparable


def _bounds(validator: Any) -> dict[str, Any]:
    if isinstance(validator, (validate.Range, validate.Length)):
        unit = "length_" if isinstance(validator, validate.Length) else ""
        exact = getattr(validator, "equal", None)
        bounds = {f"{unit}min": validator.min, f"{unit}max": validator.max, "length": exact}
        return {name: bound for name, bound in bounds.items() if bound is not None}
    if isinstance(validator, validate.Regexp) and validator.error == validator.default_message:
        return {"pattern": validator.regex.pattern}
    return {}  # a pattern with a sentence of its own is said in words


def _names(root: Any, path: tuple[Any, ...]) -> dict[str, Any]:
    """The fields that stand beside an unknown one."""
    parent = _field_at(root, path[:-1])
    if not path or not isinstance(parent, fields.Nested):
        return {}
    return {"fields": _members(parent)}
