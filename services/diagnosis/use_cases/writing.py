"""Full documents of stored decisions, and the proof that they can be made again."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import orjson

from diagnosis import judge, write
from diagnosis.judge import Decision, Ruleset
from rules.catalogue import proof
from rules.language.sentences import Sentences

JSON: Final = "json"
TEXT: Final = "text"
EXPLAINED: Final = "json-explanation"
REPRESENTATIONS: Final = (JSON, TEXT, EXPLAINED)


@dataclass(frozen=True)
class Stored:
    """What is kept of an assessment: decision and brief as JSON, and the flat facts."""

    decision: bytes
    brief: bytes
    facts: Mapping[str, Any]


def digest(document: bytes) -> str:
    """Return the SHA-256 of a document."""
    return hashlib.sha256(document).hexdigest()


def written(stored: Stored, ruleset: Ruleset, sentences: Sentences, representation: str) -> bytes:
    """Write the document of a decision.

    Args:
        stored: The decision and the facts that it rests on.
        ruleset: The rules of its day.
        sentences: The wording of its day.
        representation: One of `REPRESENTATIONS`.

    Raises:
        msgspec.ValidationError: The stored decision is none.
    """
    decision = msgspec.json.decode(stored.decision, type=Decision)
    rules = ruleset.in_force(dt.date.fromisoformat(decision.on))
    document = write.document(decision, stored.facts, rules, sentences)
    if representation == TEXT:
        return write.text(document, sentences).encode()
    if representation == EXPLAINED:
        document["explanation"] = write.explain(stored.facts, rules)
    return orjson.dumps(document)


def proved(
    stored: Stored, ruleset: Ruleset, sentences: Sentences, served: Mapping[str, str]
) -> dict[str, Any]:
    """Decide and write again, and compare with what was stored and with what was served.

    Args:
        stored: What is kept of the assessment.
        ruleset: The rules of its day, from their full text.
        sentences: The wording of its day, from its full text.
        served: The digest of what was served first, by representation.
    """
    kept = orjson.loads(stored.decision)
    decision = judge.judge(
        stored.facts,
        ruleset,
        dt.date.fromisoformat(kept["on"]),
        case_id=kept["case_id"],
        revision=kept["revision"],
    )
    rules = ruleset.in_force(dt.date.fromisoformat(decision.on))
    brief = msgspec.json.encode(write.brief(decision, stored.facts, rules, sentences))
    again = Stored(msgspec.json.encode(decision), brief, stored.facts)
    found, of_brief = (
        proof.compare(stored.decision, again.decision),
        proof.compare(stored.brief, brief),
    )
    of_served = [
        _served(name, sha256, digest(written(again, ruleset, sentences, name)))
        for name, sha256 in served.items()
    ]
    words = {
        "wording": {"version": sentences.version, "sha256": sentences.sha256},
        "brief": of_brief,
        "served": of_served,
    }
    matches = all(one["matches"] for one in (found, of_brief, *of_served))
    return found | {"matches": matches, "words": words}


def unproved(decision: bytes, why: str) -> dict[str, Any]:
    """Say that an assessment could not be made again, and why."""
    return proof.impossible(decision, why) | {"words": None}


def _served(representation: str, sha256: str, again: str) -> dict[str, Any]:
    return {
        "representation": representation,
        "served_sha256": sha256,
        "recomputed_sha256": again,
        "matches": sha256 == again,
    }
