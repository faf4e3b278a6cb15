"""Collections: cases with their revisions, and the results that other services reported."""

from intake.repository.cases import Cases
from intake.repository.keys import RevisionEntry, RevisionKey
from intake.repository.results import Results, StoredResult

__all__ = ["Cases", "Results", "RevisionEntry", "RevisionKey", "StoredResult"]
