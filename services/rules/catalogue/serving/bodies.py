"""Bodies made from a vocabulary: what may be said of a subject, in which words and bounds.

Nothing is stored of such a body: identity and free text are refused, everything may be absent, and
a date may also be told in days ago.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, Final

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from chassis import clock
from chassis.http.fields import IsoDate, StrictBoolean, StrictInteger, StrictNumber
from chassis.http.sparse import SparseSchema
from rules import Fact, ListFact, Vocabulary
from rules.language.facts import Section

NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$(?!\n)"
OTHERS: Final = "others"


class FactsBody:
    """The facts of one subject, as a body may tell them, and as the rules take them.

    Args:
        vocabulary: the facts.
        called: the subject's name in the body, and in the names of the schemas.
        stays: the sentence that refuses what is never sent here, such as free text.
        identity: the name of the field that would identify the subject.
        nameless: the sentence that refuses it.
    """

    def __init__(
        self, vocabulary: Vocabulary, called: str, stays: str, identity: str, nameless: str
    ) -> None:
        self._vocabulary = vocabulary
        self._called = called
        self._stays = stays
        self._identity = {identity: _refused(nameless)}

    def schema(self, more: Mapping[str, fields.Field[Any]] | None = None) -> Schema:
        """Returns the schema of a body: a date to judge by, the subject, and what else there is."""
        sections = [section for section in self._vocabulary.sections if section.facts]
        subject = _schema(
            f"Evaluated{_title(self._called)}",
            self._identity
            | {section.name: self._section(section) for section in sections}
            | {name: self._list(entry) for name, entry in self._vocabulary.lists.items()},
        )
        about = {"description": "The date to judge by; today if left out."}
        on = IsoDate(load_default=None, allow_none=True, metadata=about)
        inner = {"on": on, self._called: fields.Nested(subject, required=True), **(more or {})}
        return _schema("Evaluate", inner, _dated(self))

    def facts(self, body: Mapping[str, Any], on: dt.date) -> dict[str, Any]:
        """Returns the facts by section as events spell them.

        Args:
            body: what the schema made of it.
            on: the day from which dates are counted back.
        """
        subject, known = body[self._called], dict[str, Any]()
        for section in self._vocabulary.sections:
            values = subject.get(section.name)
            if values is not None:
                facts = {fact.written: fact for fact in section.facts}
                known[section.name] = _told(facts, values, on)
        for name, entry in self._vocabulary.lists.items():
            if subject.get(name) is not None:
                known[name] = [_told(entry.written, element, on) for element in subject[name]]
        return known

    def late(self, body: Mapping[str, Any], on: str) -> dict[str, Any]:
        """Returns what to say of dates that lie after a day, at their places; empty is good."""
        errors: dict[str, Any] = {}
        for name, index, field in self._late(body.get(self._called) or {}, on):
            element = errors.setdefault(self._called, {}).setdefault(name, {}).setdefault(index, {})
            element[field] = [f"This date lies after {on}, the day to judge by."]
        return errors

    def _late(self, subject: Mapping[str, Any], on: str) -> Iterator[tuple[str, int, str]]:
        for name, entry in self._vocabulary.lists.items():
            dates = [fact.written for fact in entry.written.values() if fact.type == "days_ago"]
            for index, element in enumerate(subject.get(name) or ()):
                for field in dates:
                    if (element.get(field) or "") > on:
                        yield name, index, field

    def _section(self, section: Section) -> fields.Field[Any]:
        inner = self._inner({fact.written: fact for fact in section.facts})
        shape = _schema(f"Evaluated{_title(section.name)}", inner)
        return fields.Nested(shape, allow_none=True, metadata={"title": section.title})

    def _list(self, entry: ListFact) -> fields.Field[Any]:
        shape = _schema(f"Evaluated{_title(entry.name)}Entry", self._inner(entry.written))
        return fields.List(
            fields.Nested(shape),
            allow_none=True,
            validate=validate.Length(max=entry.table["maximum_items"]),
            metadata={"title": entry.label},
        )

    def _inner(self, facts: Mapping[str, Fact]) -> dict[str, fields.Field[Any]]:
        inner: dict[str, fields.Field[Any]] = {}
        for fact in facts.values():
            inner |= self._fields(fact)
        return inner

    def _fields(self, fact: Fact) -> dict[str, fields.Field[Any]]:
        """Returns the fields that take one fact, by spelling."""
        about = {"title": fact.label, "description": f"{fact.label}."}
        if fact.type == "codes":
            return {fact.written: _set(fact)}
        if fact.stays:
            return {fact.written: _refused(self._stays)}
        if fact.type == "days_ago":
            date = IsoDate(allow_none=True, metadata=about)
            bounds = validate.Range(0, fact.maximum)
            days = StrictInteger(validate=bounds, allow_none=True, metadata=about)
            return {fact.written: date, fact.name: days}
        return {fact.written: _one(fact, {"allow_none": True, "metadata": about})}


def _dated(body: FactsBody) -> type[Schema]:
    """Returns a schema whose dates may not lie after the day by which is judged."""

    class Dated(SparseSchema):
        @validates_schema
        def check_dates(self, data: Any, **_options: Any) -> None:
            if errors := body.late(data, str(data.get("on") or clock.today().isoformat())):
                raise ValidationError(errors)

    return Dated


def _told(facts: Mapping[str, Fact], values: Mapping[str, Any], on: dt.date) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name, value in values.items():
        fact = facts.get(name)
        if value is None:
            continue
        if fact is not None and fact.type == "days_ago":
            told[fact.name] = (on - dt.date.fromisoformat(value)).days
        else:
            told[name] = _members(fact, value) if isinstance(value, dict) and fact else value
    return told


def _members(fact: Fact, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Writes out `"others": false`: every member that is not listed was asked and denied."""
    denied = dict.fromkeys(fact.codes, False) if answers.get(OTHERS) is False else {}
    return denied | {name: answer for name, answer in answers.items() if name != OTHERS}


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


def _set(fact: Fact) -> fields.Field[Any]:
    members: dict[str, Any] = {
        value.code: StrictBoolean(allow_none=True, metadata={"title": value.label})
        for value in fact.values
    }
    members[OTHERS] = StrictBoolean(validate=validate.Equal(False))
    shape = _schema(f"Evaluated{_title(fact.written)}Set", members)
    return fields.Nested(shape, allow_none=True, metadata={"title": fact.label})


def _refused(sentence: str) -> fields.Field[Any]:
    def refuse(_value: Any) -> None:
        raise ValidationError(sentence)

    return fields.Raw(validate=refuse, metadata={"description": sentence})


def _schema(name: str, inner: dict[str, Any], base: type[Schema] = SparseSchema) -> Schema:
    return base.from_dict(inner, name=name)()


def _title(name: str) -> str:
    return name.title().replace("_", "")
