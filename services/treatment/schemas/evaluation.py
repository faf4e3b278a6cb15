"""What `:evaluate` takes: a case without identity and its assessment, judged and forgotten."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from marshmallow import Schema, ValidationError, fields, validate

from rules import Vocabulary
from rules.catalogue.serving.bodies import EvaluationBody
from treatment.domain import FOLDER, UnreadableAssessment, basis

VOCABULARY: Final = Vocabulary.load(FOLDER / "facts")
STAYS: Final = "This stays with the clinic: identity and free text are never sent here."
NO_REFERENCE: Final = "Leave the patient's reference out: nothing is stored, so nobody is named."


def _check_assessment(value: Any) -> None:
    try:
        basis(value)
    except UnreadableAssessment as error:
        raise ValidationError(str(error)) from None


NO_CARE: Final = "Missing: the record of care; send what POST /v1/cases:prepare answers."


def _care_is_there(case: Mapping[str, Any]) -> dict[str, Any]:
    """Refuse a case without what intake derives from its contacts and treatments."""
    return {} if "followed_up" in (case.get("care") or {}) else {"care": [NO_CARE]}


_BODY: Final = EvaluationBody(
    VOCABULARY, "case", STAYS, {"reference": NO_REFERENCE}, {}, _care_is_there
)
_ASSESSMENT: Final = fields.Raw(
    required=True,
    validate=_check_assessment,
    metadata={"description": "The document that `POST /v1/assessments:evaluate` gives."},
)
EVALUATE: Final = _BODY.schema({"assessment": _ASSESSMENT})


class EvaluateQuery(Schema):
    """Whether to show the reasoning, rule by rule."""

    expand = fields.String(load_default=None, validate=validate.OneOf(["explanation"]))


def case_facts(body: Mapping[str, Any], on: dt.date) -> dict[str, Any]:
    """Returns the case by section as events spell it: days ago for dates, sets member by member."""
    return _BODY.facts(body, on)
