"""What `:evaluate` takes: a case without identity, judged and forgotten."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from marshmallow import Schema, fields, validate

from diagnosis.judge import FOLDER
from rules import Vocabulary
from rules.catalogue.serving.bodies import EvaluationBody

TAKEN: Final = Vocabulary.load_with_unread(
    FOLDER / "facts", FOLDER / "facts" / "subset" / "unread.toml"
)
STAYS: Final = "This stays with the clinic: identity and free text are never sent here."
NO_REFERENCE: Final = "Leave the patient's reference out: nothing is stored, so nobody is named."
NO_CARE: Final = "Missing: the record of care; send what POST /v1/cases:prepare answers."
ALWAYS_DERIVED: Final = "followed_up"
RECORDED_CARE: Final = ("contacts", "treatments_given", "blocks")


def _care_is_there(case: Mapping[str, Any]) -> dict[str, Any]:
    """Refuse contacts and treatments without what intake derives from them."""
    recorded = any(case.get(name) for name in RECORDED_CARE)
    derived = ALWAYS_DERIVED in (case.get("care") or {})
    return {"care": [NO_CARE]} if recorded and not derived else {}


_BODY: Final = EvaluationBody(
    TAKEN, "facts", STAYS, {"reference": NO_REFERENCE}, check=_care_is_there
)
EVALUATE: Final = _BODY.schema()


class EvaluateQuery(Schema):
    """Whether to have the full document, or the reasoning rule by rule, too."""

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
