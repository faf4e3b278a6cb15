"""Fields made from the vocabulary: what a case may say, in which words and bounds."""

from collections.abc import Callable
from typing import Any, Final

from marshmallow import fields, validate

from chassis.http.fields import IsoDate, StrictBoolean, StrictInteger, StrictNumber
from rules import Fact

LONGEST_TEXT: Final = 4000
NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$(?!\n)"


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
