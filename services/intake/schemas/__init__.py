"""Every shape from or to the outside."""

from chassis.http.fields import IsoDate, StrictBoolean, StrictNumber
from intake.schemas.queries import SECTIONS, CaseListQuery, CaseQuery, RevisionListQuery
from intake.schemas.requests import CASE, FINDINGS, FOLLOW_UP, PATCH, PREPARE, VOCABULARY
from intake.schemas.views import (
    accepted_view,
    brief_of,
    case_view,
    list_view,
    result_view,
    revisions_view,
    vocabulary_view,
)

__all__ = [
    "CASE",
    "FINDINGS",
    "FOLLOW_UP",
    "PATCH",
    "PREPARE",
    "SECTIONS",
    "VOCABULARY",
    "CaseListQuery",
    "CaseQuery",
    "IsoDate",
    "RevisionListQuery",
    "StrictBoolean",
    "StrictNumber",
    "accepted_view",
    "brief_of",
    "case_view",
    "list_view",
    "result_view",
    "revisions_view",
    "vocabulary_view",
]
