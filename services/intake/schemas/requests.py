"""What clinics send; made from the vocabulary, so that a new finding is one entry there."""

import re
from datetime import date
from pathlib import Path
from typing import Any, Final

from marshmallow import ValidationError, fields, validate

from chassis import clock
from chassis.http.fields import IsoDate
from intake.case import Fault, Findings, faults, tidy
from rules import Vocabulary
from rules.catalogue.serving.bodies import FactInputs, QuickSchema, quick_schema
from rules.catalogue.serving.inputs import Dialect, Input, members

VOCABULARY: Final = Vocabulary.load(Path(__file__).parents[1] / "knowledge" / "facts")
FINDINGS: Final = Findings(VOCABULARY)

REFERENCE_PATTERN: Final = re.compile(
    r"^[^\x00-\x1f\x7f\s](?:[^\x00-\x1f\x7f]{0,62}[^\x00-\x1f\x7f\s])?$(?!\n)"
)
ABOUT_REFERENCE: Final = "The clinic's own name for the patient, such as a record number."
HOW_LONG: Final = "Send 1 to 64 printable characters without spaces at the ends."
REFERENCE: Final = validate.Regexp(REFERENCE_PATTERN, error=f"{ABOUT_REFERENCE} {HOW_LONG}")
GROWS: Final = "This list only grows: POST to the case's follow-ups."


def _is_reference(value: Any) -> bool:
    return type(value) is str and REFERENCE_PATTERN.match(value) is not None


class BodySchema(QuickSchema):
    """A whole body: contradictions between its good parts are listed beside its faults."""

    def handle_error(
        self,
        error: ValidationError,
        data: Any,  # noqa: ARG002 - as marshmallow calls it
        **_options: Any,
    ) -> None:
        good = dict(error.valid_data) if isinstance(error.valid_data, dict) else {}
        good.pop("reference", None)
        on = good.pop("on", None)
        day = date.fromisoformat(on) if on else clock.today()
        for fault in faults(FINDINGS, tidy(FINDINGS.answered(good)), day):
            _add(error.messages, fault)


def _add(messages: Any, fault: Fault) -> None:
    """Adds a fault to marshmallow's nested messages."""
    *path, last = fault.path
    for step in path:
        if not isinstance(messages, dict):
            return
        messages = messages.setdefault(step, {})
    if isinstance(messages, dict):
        sentences = messages.setdefault(last, [])
        if isinstance(sentences, dict):
            sentences = sentences.setdefault("_schema", [])
        sentences.append(fault.detail)


def _refuse_growing(_value: Any) -> None:
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


_BODY: Final = FactInputs(VOCABULARY, Dialect())
_GROWING: Final = Input(
    fields.Raw(allow_none=False, validate=_refuse_growing, metadata={"description": GROWS}),
    lambda _value: False,
)
_CHANGES: Final = _BODY.all | dict.fromkeys(FINDINGS.growing, _GROWING)
_CONTACT: Final = _BODY.element(
    VOCABULARY.list("contacts"),
    without=("kind",),
    required=True,
    metadata={"description": "When the patient was seen or asked, and the scores then."},
)
_NEW_FINDINGS: Final = Input(
    fields.Nested(
        Dialect().schema("new_findings", {name: one.field for name, one in _CHANGES.items()}),
        allow_none=True,
        metadata={"description": "New or changed findings, as a JSON merge patch (RFC 7396)."},
    ),
    members({name: one.check for name, one in _CHANGES.items()}),
)


def _named(*, required: bool) -> dict[str, Input]:
    return {"reference": Input(_reference(required=required), _is_reference)}


CASE: Final = quick_schema("Case", _named(required=True) | _BODY.all, BodySchema)
PATCH: Final = quick_schema("Correction", _named(required=False) | _CHANGES)
FOLLOW_UP: Final = quick_schema(
    "FollowUp",
    {
        "contact": _CONTACT,
        "blocks": _BODY.lists["blocks"],
        "treatments_given": _BODY.lists["treatments_given"],
        "findings": _NEW_FINDINGS,
    },
)
_ON: Final = "The day from which dates are counted back; today if left out."
PREPARE: Final = quick_schema(
    "Prepare",
    _named(required=False)
    | {"on": Input(IsoDate(allow_none=True, metadata={"description": _ON}), IsoDate().takes)}
    | _BODY.all,
    BodySchema,
)
