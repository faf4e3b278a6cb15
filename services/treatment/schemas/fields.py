"""Fields that take a value as it is or refuse it; nothing is turned into something else."""

import math
import re
from datetime import date
from typing import Any, Final

from marshmallow import ValidationError, fields, validate

from chassis.knowledge import Fact

NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$(?!\n)"
STAYS: Final = "This stays with the clinic: identity and free text are never sent here."

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
    """A date as `2026-11-22`; kept as that text."""

    def takes(self, value: Any) -> bool:
        if not isinstance(value, str) or not _DATE.fullmatch(value):
            return False
        try:
            date.fromisoformat(value)
        except ValueError:  # the 31st of February
            return False
        return True


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
