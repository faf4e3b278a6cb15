"""Bodies made from a vocabulary: what a subject may hold, in which words and bounds.

One validator for every route that takes facts: where they are submitted, and where they are judged
and forgotten. Most bodies are without a fault; a quick check finds that out, and only if it doubts
one is the schema asked, which names every fault at its place.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from chassis import clock
from chassis.http.fields import IsoDate
from chassis.http.sparse import SparseSchema
from rules import Fact, ListFact, Vocabulary
from rules.catalogue.serving.inputs import (
    OTHERS,
    Check,
    Dialect,
    Field,
    Input,
    inputs_of,
    members,
    refused,
)
from rules.language.facts import Section

Errors = dict[str, Any]

_PREPARED = (
    "By section; a date may be given in days before `on`, and what is derived is sent along."
)


class FactInputs:
    """What takes the sections and lists of a vocabulary, in one dialect.

    Args:
        vocabulary: The facts.
        dialect: How they are spelled.

    Attributes:
        sections: What takes each section.
        lists: What takes each list at the top level.
    """

    def __init__(self, vocabulary: Vocabulary, dialect: Dialect) -> None:
        self._dialect = dialect
        taken = ((section.name, self._section(section)) for section in vocabulary.sections)
        self.sections = {name: section for name, section in taken if section is not None}
        lists = (entry for entry in vocabulary.lists.values() if not entry.derived)
        self.lists = {entry.name: self.list_of(entry) for entry in lists}

    @property
    def all(self) -> dict[str, Input]:
        """What takes each section and list."""
        return self.sections | self.lists

    def list_of(self, entry: ListFact, without: tuple[str, ...] = ()) -> Input:
        """Return what takes a list, its elements without some fields."""
        element = self.element(entry, without)
        most = entry.table["maximum_items"]
        field = fields.List(
            element.field,
            allow_none=True,
            validate=validate.Length(max=most),
            metadata={"title": entry.label, "description": _about(entry)},
        )

        def fits(value: Any) -> bool:
            return type(value) is list and len(value) <= most and all(map(element.check, value))

        return Input(field, fits)

    def element(self, entry: ListFact, without: tuple[str, ...] = (), **options: Any) -> Input:
        """Return what takes one element of a list."""
        facts = [fact for name, fact in entry.written.items() if name not in without]
        taken = self._facts(facts)
        name = f"{entry.name}{'_new' if without else ''}_entry"
        shape = self._dialect.schema(name, {key: one.field for key, one in taken.items()})
        fits = members({key: one.check for key, one in taken.items()})
        if any(fact.type == "id" for fact in facts):
            named = fits
            fits = lambda value: named(value) and value.get("id") is not None  # noqa: E731
        return Input(fields.Nested(shape, **options), fits)

    def _section(self, section: Section) -> Input | None:
        taken = self._facts(section.facts)
        if self._dialect.derived:
            derived = (entry for entry in section.lists if entry.derived)
            taken |= {entry.name: self.list_of(entry) for entry in derived}
        if not taken:
            return None
        shape = self._dialect.schema(section.name, {key: one.field for key, one in taken.items()})
        about = {"title": section.title, "description": f"{section.title}."}
        field = fields.Nested(shape, allow_none=True, metadata=about)
        return Input(field, members({key: one.check for key, one in taken.items()}))

    def _facts(self, facts: Iterable[Fact]) -> dict[str, Input]:
        taken: dict[str, Input] = {}
        for fact in facts:
            if self._dialect.derived or not fact.derived:
                taken |= inputs_of(fact, self._dialect)
        return taken


def _about(entry: ListFact) -> str:
    sentences = [f"{entry.label}.", str(entry.table.get("help", ""))]
    if entry.table.get("grows"):
        sentences.append("Only grows, by follow-ups.")
    return " ".join(filter(None, sentences))


class QuickSchema(SparseSchema):
    """A schema that is asked only about what a quick check doubts."""

    is_flawless: Check = staticmethod(lambda _document: False)

    def load(self, data: Any, **options: Any) -> Any:
        """Return the document as it is if it is without a fault, else what the schema says."""
        return data if self.is_flawless(data) else super().load(data, **options)


def quick_schema(
    name: str, taken: Mapping[str, Input], base: type[QuickSchema] = QuickSchema
) -> QuickSchema:
    """Return the schema of a whole body; fields that are required must be there.

    Args:
        name: The schema's name in the description.
        taken: What takes each member.
        base: What the schema does beside.
    """
    fits = members({key: one.check for key, one in taken.items()})
    needed = [key for key, one in taken.items() if one.field.required]
    shape = base.from_dict({key: one.field for key, one in taken.items()}, name=name)
    schema = shape()
    assert isinstance(schema, QuickSchema)  # noqa: S101 - for the type checker: it is made from one
    schema.is_flawless = lambda document: (
        fits(document) and all(document.get(key) is not None for key in needed)
    )
    return schema


class EvaluationBody:
    """The body of a route that judges facts and forgets them.

    Args:
        vocabulary: The facts that are taken, whether they are read or not.
        called: The subject's name in the body, and in the names of the schemas.
        no_text: The sentence that refuses what is never sent here, such as free text.
        refused_names: Members of the subject that are refused, each with its sentence.
        check: Says what is wrong with a subject that is well formed, by place; empty is good.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        called: str,
        no_text: str,
        refused_names: Mapping[str, str],
        *,
        check: Callable[[Mapping[str, Any]], Errors],
    ) -> None:
        self._vocabulary = vocabulary
        self._called = called
        self._check = check
        self._dialect = Dialect("Evaluated", derived=True, days_ago=True, no_text=no_text)
        self._inputs = FactInputs(vocabulary, self._dialect)
        self._refused = {name: refused(sentence) for name, sentence in refused_names.items()}

    def schema(self, more: Mapping[str, Field] | None = None) -> Schema:
        """Return the schema of a body: a date to judge by, the subject, and what else there is."""
        taken = self._refused | self._inputs.all
        shape = self._dialect.schema(self._called, {key: one.field for key, one in taken.items()})
        about = {"description": "The date to judge by; today if left out."}
        inner = {
            "on": Input(
                IsoDate(load_default=None, allow_none=True, metadata=about), IsoDate().takes
            ),
            self._called: Input(
                fields.Nested(shape, required=True, metadata={"description": _PREPARED}),
                members({key: one.check for key, one in taken.items()}),
            ),
        }
        inner |= {name: Input(field, _accepted_by(field)) for name, field in (more or {}).items()}
        return quick_schema("Evaluate", inner, _checked(self))

    def facts(self, body: Mapping[str, Any], on: dt.date) -> dict[str, Any]:
        """Return the facts by section as events spell them.

        Args:
            body: What the schema made of it.
            on: The day from which dates are counted back.
        """
        subject, known = body[self._called], dict[str, Any]()
        for section in self._vocabulary.sections:
            values = subject.get(section.name)
            if values is not None:
                facts = {fact.written: fact for fact in section.facts}
                known[section.name] = _as_in_events(facts, values, on)
        for name, entry in self._vocabulary.lists.items():
            if subject.get(name) is not None and not entry.derived:
                known[name] = [_as_in_events(entry.written, one, on) for one in subject[name]]
        return known

    def errors(self, body: Mapping[str, Any], on: str) -> Errors:
        """Return what cannot be true, or is missing, of a well-formed body, by place."""
        subject = body.get(self._called)
        if not isinstance(subject, Mapping):
            return {}
        found = dict(self._check(subject))
        for name, index, field in self._late(subject, on):
            element = found.setdefault(name, {}).setdefault(index, {})
            element[field] = [f"This date lies after {on}, the day to judge by."]
        return {self._called: found} if found else {}

    def _late(self, subject: Mapping[str, Any], on: str) -> list[tuple[str, int, str]]:
        return [
            (name, index, fact.written)
            for name, entry in self._vocabulary.lists.items()
            if not entry.derived
            for fact in entry.written.values()
            if fact.type == "days_ago"
            for index, element in enumerate(subject.get(name) or ())
            if isinstance(date := element.get(fact.written), str) and date > on
        ]


def _accepted_by(field: Field) -> Check:
    """Return a check that asks the field itself."""

    def check(value: Any) -> bool:
        try:
            return bool(field.deserialize(value) is value)
        except ValidationError:
            return False

    return check


def _checked(body: EvaluationBody) -> type[QuickSchema]:
    """Return a schema that looks at the whole body when its parts are well formed."""

    class Checked(QuickSchema):
        def load(self, data: Any, **options: Any) -> Any:
            loaded = super().load(data, **options)
            loaded = loaded if "on" in loaded else loaded | {"on": None}
            if errors := body.errors(loaded, str(loaded["on"] or clock.today().isoformat())):
                raise ValidationError(errors)
            return loaded

    return Checked


def _as_in_events(
    facts: Mapping[str, Fact], values: Mapping[str, Any], on: dt.date
) -> dict[str, Any]:
    known: dict[str, Any] = {}
    for name, value in values.items():
        fact = facts.get(name)
        if value is None:
            continue
        if fact is not None and fact.type == "days_ago" and isinstance(value, str):
            known[fact.name] = (on - dt.date.fromisoformat(value)).days
        else:
            is_set = fact is not None and fact.type == "codes" and isinstance(value, dict)
            known[name] = _members(fact, value) if is_set and fact else value
    return known


def _members(fact: Fact, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Write out `"others": false`: every member that is not listed was asked and denied."""
    denied = dict.fromkeys(fact.codes, False) if answers.get(OTHERS) is False else {}
    return denied | {name: answer for name, answer in answers.items() if name != OTHERS}
