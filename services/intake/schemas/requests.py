"""What clinics send; made from the vocabulary, so that a new finding is one entry there."""

import re
from pathlib import Path
from typing import Any, Final

from marshmallow import Schema, ValidationError, fields, validate

from chassis import clock
from chassis.http.fields import StrictBoolean
from chassis.http.sparse import SparseSchema
from intake.domain import Fault, Findings, faults, tidy
from intake.schemas import quick
from intake.schemas.fields import field_for
from rules import Fact, ListFact, Vocabulary
from rules.language.facts import Section

VOCABULARY: Final = Vocabulary.load(Path(__file__).parents[1] / "knowledge" / "facts")
FINDINGS: Final = Findings(VOCABULARY)

REFERENCE_PATTERN: Final = re.compile(
    r"^[^\x00-\x1f\x7f\s](?:[^\x00-\x1f\x7f]{0,62}[^\x00-\x1f\x7f\s])?$(?!\n)"
)
ABOUT_REFERENCE: Final = "The clinic's own name for the patient, such as a record number."
HOW_LONG: Final = "Send 1 to 64 printable characters without spaces at the ends."
REFERENCE: Final = validate.Regexp(REFERENCE_PATTERN, error=f"{ABOUT_REFERENCE} {HOW_LONG}")
GROWS: Final = "This list only grows: POST to the case's follow-ups."


def _is_reference(said: Any) -> bool:
    return type(said) is str and REFERENCE_PATTERN.match(said) is not None


_FLAWLESS = quick.whole_body(VOCABULARY, _is_reference)


class BodySchema(SparseSchema):
    """A whole body: if it has faults, contradictions between its good parts are told with them."""

    def load(self, data: Any, **options: Any) -> Any:
        return data if _FLAWLESS(data) else super().load(data, **options)

    def handle_error(
        self,
        error: ValidationError,
        data: Any,  # noqa: ARG002 - as marshmallow calls it
        **_options: Any,
    ) -> None:
        good = error.valid_data if isinstance(error.valid_data, dict) else {}
        body = tidy(FINDINGS.answered({name: good[name] for name in good if name != "reference"}))
        for fault in faults(FINDINGS, body, clock.today()):
            _add(error.messages, fault)


def _add(messages: Any, fault: Fault) -> None:
    """Adds a fault to marshmallow's nested messages."""
    *road, last = fault.path
    for step in road:
        if not isinstance(messages, dict):
            return
        messages = messages.setdefault(step, {})
    if isinstance(messages, dict):
        told = messages.setdefault(last, [])
        told = told.setdefault("_schema", []) if isinstance(told, dict) else told
        told.append(fault.detail)


def _schema(name: str, inner: dict[str, Any], base: type[Schema] = SparseSchema) -> Schema:
    return base.from_dict(inner, name=name)()


def _field(fact: Fact) -> fields.Field[Any]:
    return _set_field(fact) if fact.type == "codes" else field_for(fact)


def _set_field(fact: Fact) -> fields.Field[Any]:
    """Yes, no or unknown, member by member: what is not listed is not a no."""
    members: dict[str, Any] = {
        value.code: StrictBoolean(
            allow_none=True, metadata={"title": value.label, "description": f"{value.label}."}
        )
        for value in fact.values
    }
    members["others"] = StrictBoolean(
        validate=validate.Equal(False),
        metadata={"description": "false: every member that is not listed was asked and denied."},
    )
    shape = _schema(f"{_title(fact.written)}Set", members)
    return fields.Nested(
        shape, allow_none=True, metadata={"title": fact.label, "description": f"{fact.label}."}
    )


def _title(name: str) -> str:
    return name.title().replace("_", "")


def _section_field(section: Section) -> fields.Field[Any]:
    inner = {fact.written: _field(fact) for fact in section.facts}
    return fields.Nested(
        _schema(_title(section.name), inner),
        allow_none=True,
        metadata={"title": section.title, "description": f"{section.title}."},
    )


def _element(entry: ListFact, without: tuple[str, ...] = ()) -> Schema:
    inner = {name: _field(fact) for name, fact in entry.written.items() if name not in without}
    return _schema(_title(entry.name) + ("New" if without else "") + "Entry", inner)


def _list_field(entry: ListFact, element: Schema) -> fields.Field[Any]:
    return fields.List(
        fields.Nested(element),
        allow_none=True,
        validate=validate.Length(max=entry.table["maximum_items"]),
        metadata={"title": entry.label, "description": _said_of(entry)},
    )


def _said_of(entry: ListFact) -> str:
    said = [f"{entry.label}.", str(entry.table.get("help", ""))]
    if entry.table.get("grows"):
        said.append("Only grows, by follow-ups.")
    return " ".join(filter(None, said))


def _refused(_value: Any) -> None:
    raise ValidationError(GROWS)


def _reference(*, required: bool) -> fields.Field[Any]:
    about = f"{ABOUT_REFERENCE} Kept here, never sent on."
    missing: dict[str, Any] = {"required": f"Missing: {ABOUT_REFERENCE} {HOW_LONG}"}
    return fields.String(
        required=required,
        validate=REFERENCE,
        error_messages=missing,
        metadata={"description": about},
    )


_SECTIONS: dict[str, Any] = {
    section.name: _section_field(section) for section in VOCABULARY.sections if section.facts
}
_ELEMENTS = {name: _element(entry) for name, entry in VOCABULARY.lists.items()}
_LISTS: dict[str, Any] = {
    name: _list_field(entry, _ELEMENTS[name]) for name, entry in VOCABULARY.lists.items()
}
_CHANGES = _SECTIONS | {
    name: fields.Raw(allow_none=False, validate=_refused, metadata={"description": GROWS})
    if name in FINDINGS.growing
    else field
    for name, field in _LISTS.items()
}

CASE: Final = _schema(
    "Case", {"reference": _reference(required=True)} | _SECTIONS | _LISTS, BodySchema
)
PATCH: Final = _schema("Correction", {"reference": _reference(required=False)} | _CHANGES)
FOLLOW_UP: Final = _schema(
    "FollowUp",
    {
        "contact": fields.Nested(
            _element(VOCABULARY.list("contacts"), without=("kind",)),
            required=True,
            metadata={"description": "When the patient was seen or asked, and the scores then."},
        ),
        "blocks": _LISTS["blocks"],
        "treatments_given": _LISTS["treatments_given"],
        "findings": fields.Nested(
            _schema("NewFindings", _CHANGES),
            allow_none=True,
            metadata={"description": "New or changed findings, as a JSON merge patch (RFC 7396)."},
        ),
    },
)
