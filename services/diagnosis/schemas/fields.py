"""Fields made from the vocabulary: what a case may say, in which words and bounds."""

from typing import Any, Final

from marshmallow import ValidationError, fields, validate

from chassis.http.fields import IsoDate, StrictBoolean, StrictInteger, StrictNumber
from chassis.knowledge import Fact

NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$(?!\n)"
STAYS: Final = "This stays with the clinic: identity and free text are never sent here."


def fields_for(fact: Fact) -> dict[str, fields.Field[Any]]:
    """Returns the fields that take one fact, by spelling; a date may also be told in days ago."""
    about = {"title": fact.label, "description": f"{fact.label}."}
    known: dict[str, Any] = {"allow_none": True, "metadata": about}
    if fact.stays:
        return {fact.written: _refused()}
    if fact.type == "days_ago":
        days = StrictInteger(validate=validate.Range(0, fact.maximum), **known)
        return {fact.written: IsoDate(**known), fact.name: days}
    return {fact.written: _one(fact, known)}


def _one(fact: Fact, known: dict[str, Any]) -> fields.Field[Any]:
    if fact.type in {"integer", "number"}:
        kind = StrictInteger if fact.type == "integer" else StrictNumber
        return kind(validate=validate.Range(fact.minimum, fact.maximum), **known)
    if fact.type == "boolean":
        return StrictBoolean(**known)
    if fact.type == "code":
        labels = [value.label for value in fact.values]
        return fields.String(validate=validate.OneOf(fact.codes, labels), **known)
    if fact.type == "id":
        known |= {"allow_none": False, "required": True}
    return fields.String(validate=validate.Regexp(NAME), **known)


def _refused() -> fields.Field[Any]:
    def refuse(_value: Any) -> None:
        raise ValidationError(STAYS)

    return fields.Raw(validate=refuse, metadata={"description": STAYS})
