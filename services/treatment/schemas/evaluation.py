"""What `:evaluate` takes: a case without identity and its assessment, judged and forgotten."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from marshmallow import Schema, ValidationError, fields, validate

from rules import Vocabulary
from rules.catalogue.serving.bodies import FactsBody
from treatment.judge import FOLDER, AssessmentCompleted
from treatment.write import Brief

VOCABULARY: Final = Vocabulary.load(FOLDER / "facts")
STAYS: Final = "This stays with the clinic: identity and free text are never sent here."
NO_REFERENCE: Final = "Leave the patient's reference out: nothing is stored, so nobody is named."


class Assessment(msgspec.Struct, frozen=True, kw_only=True):
    """What `POST /v1/assessments:evaluate` gives, as far as treatment reads it."""

    decision: AssessmentCompleted
    brief: Brief


def _check_assessment(value: Any) -> None:
    try:
        msgspec.convert(value, Assessment)
    except msgspec.ValidationError as error:
        raise ValidationError(f"{error}.") from None


_BODY: Final = FactsBody(VOCABULARY, "case", STAYS, "reference", NO_REFERENCE)
_ASSESSMENT: Final = fields.Raw(
    required=True,
    validate=_check_assessment,
    metadata={"description": "`decision` and `brief` as `POST /v1/assessments:evaluate` gives."},
)
EVALUATE: Final = _BODY.schema({"assessment": _ASSESSMENT})


class EvaluateQuery(Schema):
    """What to add: the full document, or the document and the reasoning rule by rule."""

    expand = fields.String(load_default=None, validate=validate.OneOf(["document", "explanation"]))


def case_facts(body: Mapping[str, Any], on: dt.date) -> dict[str, Any]:
    """Returns the case by section as events spell it: days ago for dates, sets member by member."""
    return _BODY.facts(body, on)


def assessment(body: Mapping[str, Any]) -> Assessment:
    """Returns the assessment of a body that was checked."""
    return msgspec.convert(body["assessment"], Assessment)
