"""What `:evaluate` takes: a case without identity and its assessment, judged and forgotten."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from marshmallow import Schema, ValidationError, fields, validate

from chassis.http.components import described_elsewhere
from chassis.http.fields import StructField
from rules import Vocabulary
from rules.catalogue.serving.bodies import EvaluationBody
from treatment.judge import FOLDER, AssessmentCompleted
from treatment.write import Brief

TAKEN: Final = Vocabulary.load_with_unread(
    FOLDER / "facts", FOLDER / "facts" / "subset" / "unread.toml"
)
STAYS: Final = "This stays with the clinic: identity and free text are never sent here."
NO_REFERENCE: Final = "Leave the patient's reference out: nothing is stored, so nobody is named."
NO_CARE: Final = "Missing: the record of care; send what POST /v1/cases:prepare answers."
ALWAYS_DERIVED: Final = "followed_up"


class Assessment(msgspec.Struct, frozen=True, kw_only=True):
    """What `POST /v1/assessments:evaluate` gives, as far as treatment reads it."""

    decision: AssessmentCompleted
    brief: Brief


def _check_assessment(value: Any) -> None:
    try:
        msgspec.convert(value, Assessment)
    except msgspec.ValidationError as error:
        raise ValidationError(f"{error}.") from None


def _care_is_there(case: Mapping[str, Any]) -> dict[str, Any]:
    """Refuse a case without what intake derives from its contacts and treatments."""
    return {} if ALWAYS_DERIVED in (case.get("care") or {}) else {"care": [NO_CARE]}


AssessmentDecision: Any = described_elsewhere("AssessmentDecision", "diagnosis", "Decision")


class SentAssessment(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What `POST /v1/assessments:evaluate` answered, sent back as it was.

    Attributes:
        decision: The decision of diagnosis.
        brief: Its screen.
    """

    decision: AssessmentDecision
    brief: Brief


_BODY: Final = EvaluationBody(
    TAKEN, "facts", STAYS, {"reference": NO_REFERENCE}, check=_care_is_there
)
_ASSESSMENT: Final = StructField(
    SentAssessment,
    required=True,
    validate=_check_assessment,
    metadata={"description": "`decision` and `brief` as `POST /v1/assessments:evaluate` answers."},
)
EVALUATE: Final = _BODY.schema({"assessment": _ASSESSMENT})


class EvaluateQuery(Schema):
    """What to add: the full document, or the document and the reasoning rule by rule."""

    expand = fields.String(
        load_default=None,
        validate=validate.OneOf(
            ["document", "explanation"],
            ["the full document", "the full document and the reasoning, rule by rule"],
        ),
    )


def case_facts(body: Mapping[str, Any], on: dt.date) -> dict[str, Any]:
    """Return the case by section as events spell it: days ago for dates, sets member by member."""
    return _BODY.facts(body, on)


def assessment(body: Mapping[str, Any]) -> Assessment:
    """Returns the assessment of a body that was checked."""
    return msgspec.convert(body["assessment"], Assessment)
