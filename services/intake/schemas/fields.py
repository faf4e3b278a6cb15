"""Fields that take a value as it is or refuse it; nothing is turned into something else."""

import math
import re
from collections.abc import Callable
from datetime import date
from typing import Any, Final

from marshmallow import fields, validate

from chassis.knowledge import Fact

LONGEST_TEXT: Final = 4000
NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$(?!\n)"

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class _AsItIs(fields.Field[Any]):
    """A field that passes a value on unchanged, or refuses it."""

    def _deserialize(
        self,
        value: Any,
        attr: str | None,  # noqa: ARG002 - as marshmallow calls it
        data: Any,  # noqa: ARG002
        **kwargs: Any,  # noqa: ARG002
    ) -> Any:
        if self.takes(value):
            return value
        raise self.make_error("invalid", input=value, obj_type="date")

    def takes(self, value: Any) -> bool:
        """Returns whether a value is one of this kind; the base class takes what is there."""
        return value is not None


class StrictBoolean(_AsItIs, fields.Boolean):
    """true or false; not 1, not "yes"."""

    def takes(self, value: Any) -> bool:
        return value is True or value is False


class StrictNumber(_AsItIs, fields.Float):
    """A finite JSON number; not text, not a truth value."""

    def takes(self, value: Any) -> bool:
        return type(value) is int or (type(value) is float and math.isfinite(value))


class StrictInteger(_AsItIs, fields.Integer):
    """A JSON number without a fraction; not text, not a truth value."""

    def takes(self, value: Any) -> bool:
        return type(value) is int


class IsoDate(_AsItIs, fields.Date):
    """A date as `2026-11-22`; kept as that text, which sorts and stores as it is."""

    def takes(self, value: Any) -> bool:
        if not isinstance(value, str) or not _DATE.fullmatch(value):
            return False
        try:
            date.fromisoformat(value)
        except ValueError:  # the 31st of February
            return False
        return True


def field_for(fact: Fact) -> fields.Field[Any]:
    """Returns the field that takes one fact; `null` means unknown everywhere."""
    known: dict[str, Any] = {"allow_none": True, "metadata": _described(fact)}
    if fact.type == "id":
        known |= {"allow_none": False, "required": True}
    return _MAKERS[fact.type](fact, known)


def _described(fact: Fact) -> dict[str, Any]:
    table = fact.table
    sentences = [f"{fact.label}.", str(table.get("help", ""))]
    if table.get("stays"):
        sentences.append("Stays in intake.")
    if table.get("per_contact"):
        sentences.append("Counts for one contact; a follow-up clears it.")
    described = {"description": " ".join(filter(None, sentences)), "title": fact.label}
    if fact.unit and fact.type in ("integer", "number"):
        described["x-unit"] = fact.unit
    if fact.range_source:
        described["x-range-source"] = fact.range_source
    return described


def _coded(fact: Fact, known: dict[str, Any]) -> fields.Field[Any]:
    labels = [value.label for value in fact.values]
    return fields.String(validate=validate.OneOf(fact.codes, labels), **known)


def _ranged(kind: type[fields.Field[Any]]) -> Callable[[Fact, dict[str, Any]], fields.Field[Any]]:
    def make(fact: Fact, known: dict[str, Any]) -> fields.Field[Any]:
        return kind(validate=validate.Range(fact.minimum, fact.maximum), **known)

    return make


def _named(_fact: Fact, known: dict[str, Any]) -> fields.Field[Any]:
    return fields.String(validate=validate.Regexp(NAME), **known)


_MAKERS: dict[str, Callable[[Fact, dict[str, Any]], fields.Field[Any]]] = {
    "integer": _ranged(StrictInteger),
    "number": _ranged(StrictNumber),
    "days_ago": lambda _fact, known: IsoDate(**known),
    "boolean": lambda _fact, known: StrictBoolean(**known),
    "code": _coded,
    "text": lambda _fact, known: fields.String(validate=validate.Length(1, LONGEST_TEXT), **known),
    "id": _named,
    "ref": _named,
}
