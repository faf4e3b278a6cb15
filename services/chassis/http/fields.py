"""Fields that take a value as it is or refuse it; nothing is turned into something else."""

import math
import re
from datetime import date
from typing import Any

from marshmallow import fields

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
        """Return whether a value is one of this kind; the base class takes what is there."""
        return value is not None


class StrictBoolean(_AsItIs, fields.Boolean):
    """true or false; not 1, not "yes"."""

    def takes(self, value: Any) -> bool:
        """Return whether it is a truth value."""
        return value is True or value is False


class StrictNumber(_AsItIs, fields.Float):
    """A finite JSON number; not text, not a truth value."""

    def takes(self, value: Any) -> bool:
        """Return whether it is a finite number."""
        return type(value) is int or (type(value) is float and math.isfinite(value))


class StrictInteger(_AsItIs, fields.Integer):
    """A JSON number without a fraction, `18.0` too; not text, not a truth value."""

    def _deserialize(self, value: Any, *where: Any, **kwargs: Any) -> Any:
        return int(super()._deserialize(value, *where, **kwargs))

    def takes(self, value: Any) -> bool:
        """Return whether it is a whole number."""
        return type(value) is int or (type(value) is float and value.is_integer())


class IsoDate(_AsItIs, fields.Date):
    """A date as `2026-11-22`; kept as that text, which sorts and stores as it is."""

    def takes(self, value: Any) -> bool:
        """Return whether it is the text of a date that exists."""
        if not isinstance(value, str) or not _DATE.fullmatch(value):
            return False
        try:
            date.fromisoformat(value)
        except ValueError:  # the 31st of February
            return False
        return True


class StructField(fields.Raw):
    """A value that a typed class describes; what it takes is for its validators to say.

    Args:
        struct: The class; its name is that of the component schema.
        options: As for every field.
    """

    def __init__(self, struct: type, **options: Any) -> None:
        super().__init__(**options)
        self.struct = struct
