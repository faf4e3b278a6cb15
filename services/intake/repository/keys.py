"""What names a revision, and what a list of revisions holds."""

from dataclasses import dataclass
from typing import NamedTuple

from intake.case import Moment


class RevisionKey(NamedTuple):
    """Names one revision of one clinic's case."""

    tenant_id: str
    case_id: str
    revision: int


@dataclass(frozen=True)
class RevisionEntry:
    """A revision in a list: what is stored of it, without its body."""

    case_id: str
    reference: str
    revision: int
    contact: str
    accepted: Moment
    opened: Moment
