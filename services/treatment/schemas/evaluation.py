"""What `:evaluate` takes: a case without identity and its assessment, judged and forgotten."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, Final

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from chassis import clock
from chassis.http.fields import IsoDate, StrictBoolean
from chassis.http.sparse import SparseSchema
from chassis.knowledge import Fact, ListFact, Vocabulary
from chassis.knowledge.facts import Section
from treatment.domain import FOLDER, UnreadableAssessment, basis
from treatment.schemas.fields import fields_for

VOCABULARY: Final = Vocabulary.load(FOLDER / "facts")
OTHERS: Final = "others"
NO_REFERENCE: Final = "Leave the patient's reference out: nothing is stored, so nobody is named."


def case_facts(body: Mapping[str, Any], on: dt.date) -> dict[str, Any]:
    """Returns the case by section as events spell it: days ago for dates, sets member by member."""
    case = body["case"]
    known: dict[str, Any] = {}
    for section in VOCABULARY.sections:
        values = case.get(section.name)
        if values is not None:
            known[section.name] = _told({f.written: f for f in section.facts}, values, on)
    for name, entry in VOCABULARY.lists.items():
        if case.get(name) is not None:
            known[name] = [_told(entry.written, element, on) for element in case[name]]
    return known


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


class EvaluateQuery(Schema):
    """Whether to show the reasoning, rule by rule."""

    expand = fields.String(load_default=None, validate=validate.OneOf(["explanation"]))


class _Evaluate(SparseSchema):
    """Dates may not lie after the day by which the case is judged."""

    @validates_schema
    def check_dates(self, data: Any, **_options: Any) -> None:
        on = str(data.get("on") or clock.today().isoformat())
        errors: dict[str, Any] = {}
        for path in _late(data.get("case") or {}, on):
            place = errors.setdefault("case", {})
            for step in path[:-1]:
                place = place.setdefault(step, {})
            place[path[-1]] = [f"This date lies after {on}, the day to judge by."]
        if errors:
            raise ValidationError(errors)


def _late(case: Mapping[str, Any], on: str) -> Iterator[tuple[str | int, ...]]:
    """Finds the dates that lie after a day, each with its path."""
    for name, entry in VOCABULARY.lists.items():
        dates = [fact.written for fact in entry.written.values() if fact.type == "days_ago"]
        for index, element in enumerate(case.get(name) or ()):
            for field in dates:
                if (element.get(field) or "") > on:
                    yield name, index, field


def _schema(name: str, inner: dict[str, Any], base: type[Schema] = SparseSchema) -> Schema:
    return base.from_dict(inner, name=name)()


def _title(name: str) -> str:
    return name.title().replace("_", "")


def _inner(facts: Mapping[str, Fact]) -> dict[str, Any]:
    inner: dict[str, Any] = {}
    for fact in facts.values():
        inner |= {fact.written: _set(fact)} if fact.type == "codes" else fields_for(fact)
    return inner


def _set(fact: Fact) -> fields.Field[Any]:
    members: dict[str, Any] = {
        value.code: StrictBoolean(allow_none=True, metadata={"title": value.label})
        for value in fact.values
    }
    members[OTHERS] = StrictBoolean(validate=validate.Equal(False))
    shape = _schema(f"Evaluated{_title(fact.written)}Set", members)
    return fields.Nested(shape, allow_none=True, metadata={"title": fact.label})


def _section(section: Section) -> fields.Field[Any]:
    inner = _inner({fact.written: fact for fact in section.facts})
    shape = _schema(f"Evaluated{_title(section.name)}", inner)
    return fields.Nested(shape, allow_none=True, metadata={"title": section.title})


def _list(entry: ListFact) -> fields.Field[Any]:
    shape = _schema(f"Evaluated{_title(entry.name)}Entry", _inner(entry.written))
    return fields.List(
        fields.Nested(shape),
        allow_none=True,
        validate=validate.Length(max=entry.table["maximum_items"]),
        metadata={"title": entry.label},
    )


def _refuse_reference(_value: Any) -> None:
    raise ValidationError(NO_REFERENCE)


def _check_assessment(value: Any) -> None:
    try:
        basis(value)
    except UnreadableAssessment as error:
        raise ValidationError(str(error)) from None


_CASE = _schema(
    "EvaluatedCase",
    {"reference": fields.Raw(validate=_refuse_reference, metadata={"description": NO_REFERENCE})}
    | {section.name: _section(section) for section in VOCABULARY.sections if section.facts}
    | {name: _list(entry) for name, entry in VOCABULARY.lists.items()},
)
EVALUATE: Final = _schema(
    "Evaluate",
    {
        "on": IsoDate(
            load_default=None,
            allow_none=True,
            metadata={"description": "The date to judge by; today if left out."},
        ),
        "case": fields.Nested(_CASE, required=True),
        "assessment": fields.Raw(
            required=True,
            validate=_check_assessment,
            metadata={"description": "The document that `POST /v1/assessments:evaluate` gives."},
        ),
    },
    _Evaluate,
)
