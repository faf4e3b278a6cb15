"""Query strings of intake's routes."""

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import Schema, ValidationError, fields

from chassis.http.pages import PageQuery
from intake.schemas.requests import REFERENCE

SECTIONS: Final[Mapping[str, str]] = {
    "brief": "the one screen, as data",
    "assessment": "the decision of diagnosis",
    "plan": "the decision of treatment",
    "case": "what was recorded",
    "revisions": "the newest revisions and how far each has come",
}
"""The sections of a case that can be chosen, with what each holds."""

_ONE_OF: Final = f"Name sections, separated by commas: {', '.join(SECTIONS)}."


class SectionsField(fields.String):
    """Names of sections, separated by commas."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        text = super()._deserialize(value, attr, data, **options)
        names = str(text).split(",")
        if not set(names) <= SECTIONS.keys():
            raise ValidationError(_ONE_OF)
        return frozenset(names)


class CaseQuery(Schema):
    """Which sections of a case to show."""

    sections = SectionsField(
        data_key="fields",
        load_default=frozenset(SECTIONS),
        metadata={
            "description": "Sections to show, separated by commas; all of them, if left out. "
            + "; ".join(f"`{name}`: {text}" for name, text in SECTIONS.items())
            + ".",
            "pattern": "^({0})(,({0}))*$".format("|".join(SECTIONS)),
            "default": ",".join(SECTIONS),
        },
    )


class CaseListQuery(PageQuery):
    """The list of cases: newest first, optionally of one patient."""

    reference = fields.String(load_default=None, validate=REFERENCE)


class RevisionListQuery(PageQuery):
    """The revisions of one case, newest first."""
