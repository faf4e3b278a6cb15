"""What one fact takes in a body: a field that names each fault, and a quick check beside it.

Both are made from the same entry of the vocabulary. The check may doubt what the field accepts
(then the field decides), but never the other way round; a test holds it to that.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeAlias

from marshmallow import Schema, ValidationError, fields, validate

from chassis.http.fields import IsoDate, StrictBoolean, StrictInteger, StrictNumber
from chassis.http.sparse import SparseSchema
from rules import Fact

Check: TypeAlias = Callable[[Any], bool]
Field: TypeAlias = "fields.Field[Any]"

NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$(?!\n)"
LONGEST_TEXT: Final = 4000
OTHERS: Final = "others"
"""In a set: `"others": false` says that every member not listed was asked and denied."""

_NAMED: Final = re.compile(NAME)
_NUMBER: Final = StrictNumber()
_DATE: Final = IsoDate()


class Input(NamedTuple):
    """What takes one value: the field describes faults, the check finds out whether there is one.

    A value that the check accepts is one that the field would pass on unchanged.
    """

    field: Field
    check: Check


@dataclass(frozen=True)
class Dialect:
    """How bodies of one kind spell facts.

    Attributes:
        prefix: What the names of the schemas begin with.
        derived: Whether facts that are worked out from others are taken too.
        days_ago: Whether a date may also be given in days before the day to judge by.
        no_text: The sentence that refuses what stays with the owner; None takes it.
    """

    prefix: str = ""
    derived: bool = False
    days_ago: bool = False
    no_text: str | None = None

    def schema(self, name: str, inner: Mapping[str, Field]) -> Schema:
        """Return a schema with a name of this dialect."""
        title = f"{self.prefix}{name.title().replace('_', '')}"
        return SparseSchema.from_dict(dict(inner), name=title)()


def inputs_of(fact: Fact, dialect: Dialect) -> dict[str, Input]:
    """Return what takes one fact, by spelling; a date may have two."""
    if fact.stays and dialect.no_text is not None:
        return {fact.written: refused(dialect.no_text)}
    if fact.type in _SETS:
        return {fact.written: _set(fact, dialect)}
    if fact.type != "days_ago":
        return {fact.written: _MAKERS[fact.type](fact, _about(fact))}
    date = Input(IsoDate(allow_none=True, metadata=_about(fact)), _DATE.takes)
    spelled = {} if fact.written == fact.name else {fact.written: date}
    if dialect.days_ago or not spelled:
        spelled[fact.name] = _integer(fact, _about(fact))
    return spelled


def refused(sentence: str) -> Input:
    """Return what takes nothing, and says why."""

    def refuse(_value: Any) -> None:
        raise ValidationError(sentence)

    field = fields.Raw(validate=refuse, metadata={"description": sentence})
    return Input(field, lambda _value: False)


def ignored() -> Input:
    """Return what takes any value, for nobody reads it."""
    return Input(fields.Raw(allow_none=True, metadata={"description": "Not read here."}), bool)


def members(checks: Mapping[str, Check]) -> Check:
    """Return a check of an object: only known names, each null or as its own check wants it."""

    def fits(value: Any) -> bool:
        if type(value) is not dict:
            return False
        for name, inner in value.items():
            check = checks.get(name)
            if check is None or not (inner is None or check(inner)):
                return False
        return True

    return fits


def _about(fact: Fact) -> dict[str, Any]:
    table = fact.table
    sentences = [f"{fact.label}.", str(table.get("help", ""))]
    if fact.stays:
        sentences.append(f"Stays in {fact.stays}.")
    if table.get("per_contact"):
        sentences.append("Counts for one contact; a follow-up clears it.")
    about = {"description": " ".join(filter(None, sentences)), "title": fact.label}
    if fact.unit and fact.type in {"integer", "number"}:
        about["x-unit"] = fact.unit
    if fact.range_source:
        about["x-range-source"] = fact.range_source
    return about


def _truth(value: Any) -> bool:
    return value is True or value is False


def _between(fact: Fact, kind: Check) -> Check:
    low = -math.inf if fact.minimum is None else fact.minimum
    high = math.inf if fact.maximum is None else fact.maximum
    return lambda value: kind(value) and low <= value <= high


def _integer(fact: Fact, about: dict[str, Any]) -> Input:
    bounds = validate.Range(fact.minimum, fact.maximum)
    field = StrictInteger(validate=bounds, allow_none=True, metadata=about)
    return Input(field, _between(fact, lambda value: type(value) is int))


def _number(fact: Fact, about: dict[str, Any]) -> Input:
    bounds = validate.Range(fact.minimum, fact.maximum)
    field = StrictNumber(validate=bounds, allow_none=True, metadata=about)
    return Input(field, _between(fact, _NUMBER.takes))


def _boolean(_fact: Fact, about: dict[str, Any]) -> Input:
    return Input(StrictBoolean(allow_none=True, metadata=about), _truth)


def _code(fact: Fact, about: dict[str, Any]) -> Input:
    codes, labels = frozenset(fact.codes), [value.label for value in fact.values]
    known = validate.OneOf(fact.codes, labels)
    field = fields.String(validate=known, allow_none=True, metadata=about)
    return Input(field, lambda value: type(value) is str and value in codes)


def _text(_fact: Fact, about: dict[str, Any]) -> Input:
    length = validate.Length(1, LONGEST_TEXT)
    field = fields.String(validate=length, allow_none=True, metadata=about)
    return Input(field, lambda value: type(value) is str and 0 < len(value) <= LONGEST_TEXT)


def _name(fact: Fact, about: dict[str, Any]) -> Input:
    needed = fact.type == "id"
    pattern = validate.Regexp(NAME)
    field = fields.String(
        validate=pattern, required=needed, allow_none=not needed, metadata=about
    )
    return Input(field, lambda value: type(value) is str and bool(_NAMED.match(value)))


def _set(fact: Fact, dialect: Dialect) -> Input:
    """Take a value for each member: what is not listed is unknown, not a no."""
    member = _boolean if fact.type == "codes" else _integer
    taken = {
        value.code: member(fact, {"title": value.label, "description": f"{value.label}."})
        for value in fact.values
    }
    fits = members({name: one.check for name, one in taken.items()})
    inner = {name: one.field for name, one in taken.items()}
    if fact.type == "codes":
        about = {"description": "false: every member that is not listed was asked and denied."}
        inner[OTHERS] = StrictBoolean(validate=validate.Equal(False), metadata=about)
        fits = _with_others(fits)
    shape = dialect.schema(f"{fact.written}_set", inner)
    return Input(fields.Nested(shape, allow_none=True, metadata=_about(fact)), fits)


def _with_others(fits: Check) -> Check:
    def check(value: Any) -> bool:
        if type(value) is not dict or OTHERS not in value:
            return fits(value)
        listed = {name: answer for name, answer in value.items() if name != OTHERS}
        return value[OTHERS] is False and fits(listed)

    return check


_SETS: Final = frozenset({"codes", "ages"})
_MAKERS: Final[Mapping[str, Callable[[Fact, dict[str, Any]], Input]]] = {
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "code": _code,
    "text": _text,
    "id": _name,
    "ref": _name,
}
