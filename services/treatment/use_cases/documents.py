"""Full documents of stored plans, written on request, and their proofs."""

import datetime as dt
import hashlib
from collections.abc import Callable
from typing import Any, Final

import msgspec
import orjson
from sqlalchemy import Connection

from chassis import clock
from rules import Knowledge, KnowledgeError, NothingInForceError
from rules.catalogue import proof
from rules.language.sentences import Sentences
from treatment import write
from treatment.judge import AssessmentCompleted, Case
from treatment.repository import CaseKey, GuidanceTexts, Plans, Served, StoredPlan, Wordings
from treatment.use_cases.planning import brief_of, case_of, decide, document_of, explanation_of
from treatment.write import Brief

# What a stored text that was tampered with, or that this program no longer reads, can raise.
UNREPEATABLE: Final = (
    LookupError, ValueError, TypeError, AttributeError, KnowledgeError, NothingInForceError,
)  # fmt: skip

JSON: Final = "json"
EXPLAINED: Final = "json with explanation"
TEXT: Final = "text"


class NotYetPlanned(Exception):
    """There is no plan for that revision of the case."""


def show_plan(connection: Connection, tenant_id: str, case_id: str, revision: int) -> StoredPlan:
    """Returns the plan of a revision.

    Raises:
        NotYetPlanned: There is none.
    """
    found = Plans(connection).get(CaseKey(tenant_id, case_id), revision)
    if found is None:
        raise NotYetPlanned
    return found


def served_digest(connection: Connection, stored: StoredPlan, representation: str) -> str | None:
    """Returns the digest of the document that was served first, if one was."""
    return Served(connection).of(stored.key, stored.revision).get(representation)


def keep_served(
    connection: Connection, stored: StoredPlan, representation: str, content: bytes
) -> None:
    """Keeps the digest of a document that is served for the first time."""
    sha256 = hashlib.sha256(content).hexdigest()
    Served(connection).add(stored.key, stored.revision, representation, sha256, clock.now_us())


def write_plan(
    connection: Connection, guidance: Knowledge, stored: StoredPlan, representation: str
) -> bytes:
    """Writes the full document of a stored plan, by the guidance and the wording of its day."""
    known = stored.guidance_sha256 == guidance.digest
    used = guidance if known else GuidanceTexts(connection).knowledge(stored.guidance_sha256)
    return _written(stored, used, Wordings(connection).get(stored.wording_sha256), representation)


def _written(
    stored: StoredPlan, guidance: Knowledge, sentences: Sentences, representation: str
) -> bytes:
    case, assessed = stored_case(stored, guidance), _assessed(stored)
    plan = document_of(guidance, sentences, case, assessed)
    if representation == TEXT:
        return write.write_text(plan, sentences).encode()
    if representation == EXPLAINED:
        plan["explanation"] = explanation_of(guidance, case)
    return write.as_bytes(plan)


def stored_case(stored: StoredPlan, guidance: Knowledge) -> Case:
    """Returns what a stored plan judged."""
    previous = orjson.loads(stored.previous_facts) if stored.previous_facts is not None else None
    assessment = msgspec.json.decode(stored.assessment, type=AssessmentCompleted)
    on, facts = dt.date.fromisoformat(stored.judged_on), orjson.loads(stored.facts)
    return case_of(guidance, assessment, facts, on, previous)


def _assessed(stored: StoredPlan) -> Brief:
    return msgspec.json.decode(stored.assessment_brief, type=Brief)


def prove_plan(connection: Connection, stored: StoredPlan) -> dict[str, Any]:
    """Decides and writes again from what was stored; compares the bytes, words included.

    Decision and brief are compared as they were sent, each document by the digest of what was
    served first.
    """
    sent = _together(stored.decision, stored.brief)
    try:
        used = GuidanceTexts(connection).knowledge(stored.guidance_sha256)
        sentences = Wordings(connection).get(stored.wording_sha256)
        found = proof.compare(sent, _again(stored, used, sentences))
        words = _words(connection, stored, lambda one: _written(stored, used, sentences, one))
    except UNREPEATABLE as error:
        return proof.impossible(sent, f"It could not be planned again: {error}") | {"words": []}
    matches = found["matches"] and all(one["matches"] for one in words)
    return found | {"matches": matches, "words": words}


def _together(decision: bytes, brief: bytes) -> bytes:
    content = {"decision": orjson.Fragment(decision), "brief": orjson.Fragment(brief)}
    return orjson.dumps(content)


def _again(stored: StoredPlan, used: Knowledge, sentences: Sentences) -> bytes:
    case = stored_case(stored, used)
    decision = decide(used, case)
    brief = brief_of(used, sentences, case, _assessed(stored), decision)
    return _together(msgspec.json.encode(decision), msgspec.json.encode(brief))


def _words(
    connection: Connection, stored: StoredPlan, written: Callable[[str], bytes]
) -> list[dict[str, Any]]:
    """Compares each document that was served with what is written now."""
    found = []
    for representation, sha256 in Served(connection).of(stored.key, stored.revision).items():
        again = hashlib.sha256(written(representation)).hexdigest()
        digests = {"served_sha256": sha256, "recomputed_sha256": again}
        found.append({"representation": representation, "matches": again == sha256, **digests})
    return found
