"""Full documents of stored assessments, and their proof."""

from typing import Any, Final

import orjson
from sqlalchemy import Connection

from chassis import clock
from diagnosis import write
from diagnosis.judge import Ruleset
from diagnosis.repository import (
    Assessments,
    CaseKey,
    Rulesets,
    Served,
    ServedDocument,
    StoredAssessment,
    Wordings,
)
from diagnosis.use_cases import writing
from diagnosis.use_cases.catalogue import restored_ruleset, ruleset_of
from diagnosis.use_cases.writing import Stored
from rules import KnowledgeError, NothingInForceError
from rules.language.sentences import Sentences

# What a stored text that was tampered with, or that this program no longer reads, can raise.
UNREPEATABLE: Final = (
    LookupError, ValueError, TypeError, AttributeError, KnowledgeError, NothingInForceError,
)  # fmt: skip


class NotYetAssessed(Exception):
    """The service has not read of that revision of the case yet.

    Args:
        newest: The newest revision of the case that is assessed; None without any.
    """

    def __init__(self, newest: int | None = None) -> None:
        super().__init__()
        self.newest = newest


def show_assessment(
    connection: Connection, tenant_id: str, case_id: str, revision: int
) -> StoredAssessment:
    """Returns the assessment of a revision.

    Raises:
        NotYetAssessed: There is none.
    """
    assessments, key = Assessments(connection), CaseKey(tenant_id, case_id)
    stored = assessments.get(key, revision)
    if stored is None:
        newest = assessments.get(key)
        raise NotYetAssessed(newest.revision if newest else None)
    return stored


def full_assessment(
    connection: Connection, ruleset: Ruleset, stored: StoredAssessment, representation: str
) -> bytes:
    """Writes the full document of a stored decision, by the rules and the wording of its day.

    Args:
        connection: Of the service's own database.
        ruleset: The rules in use today, which spare reading those of that day if they are alike.
        stored: The assessment.
        representation: One of `writing.REPRESENTATIONS`.
    """
    used = ruleset_of(connection, ruleset, stored.ruleset_sha256)
    sentences = _wording_of(connection, stored.wording_sha256)
    return writing.written(_parts(stored), used, sentences, representation)


def note_served(
    connection: Connection, stored: StoredAssessment, representation: str, document: bytes
) -> None:
    """Keeps the digest of what was served first, so that a proof covers its words."""
    served = ServedDocument(representation, writing.digest(document), clock.now_us())
    Served(connection).add(stored.key, stored.revision, served)


def was_served(connection: Connection, stored: StoredAssessment, representation: str) -> bool:
    """Tells whether a representation of the document was served before."""
    served = Served(connection).of(stored.key, stored.revision)
    return representation in {document.representation for document in served}


def _parts(stored: StoredAssessment) -> Stored:
    return Stored(stored.decision, stored.brief, orjson.loads(stored.facts))


def _wording_of(connection: Connection, sha256: str) -> Sentences:
    current = write.load_sentences()
    return current if sha256 == current.sha256 else Wordings(connection).get(sha256)


def prove_assessment(connection: Connection, stored: StoredAssessment) -> dict[str, Any]:
    """Decides and writes again by the stored rules and wording of that day, and compares.

    Returns:
        How the decision compares, with `words`: brief, and each document that was served.
    """
    served = Served(connection).of(stored.key, stored.revision)
    digests = {document.representation: document.sha256 for document in served}
    try:
        used = restored_ruleset(Rulesets(connection).knowledge(stored.ruleset_sha256))
        sentences = Wordings(connection).get(stored.wording_sha256)
        return writing.proved(_parts(stored), used, sentences, digests)
    except UNREPEATABLE as error:
        return writing.unproved(stored.decision, f"It could not be assessed again: {error}")
