"""What `:evaluate` takes: a case without identity, judged and forgotten."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from marshmallow import Schema, fields, validate

from diagnosis.domain import FOLDER
from rules import Vocabulary
from rules.catalogue.serving.bodies import FactsBody

VOCABULARY: Final = Vocabulary.load(FOLDER / "facts")
STAYS: Final = "This stays with the clinic: identity and free text are never sent here."
NO_REFERENCE: Final = "Leave the patient's reference out: nothing is stored, so nobody is named."

_BODY: Final = FactsBody(VOCABULARY, "case", STAYS, "reference", NO_REFERENCE)
EVALUATE: Final = _BODY.schema()


class EvaluateQuery(Schema):
    """Whether to show the reasoning, rule by rule."""

    expand = fields.String(
        load_default=None, validate=validate.OneOf(["explanation"], ["the reasoning, rule by rule"])
    )


def case_facts(body: Mapping[str, Any], on: dt.date) -> dict[str, Any]:
    """Returns the case by section as events spell it: days ago for dates, sets member by member."""
    return _BODY.facts(body, on)
