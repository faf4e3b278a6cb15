"""A proof as it is served: whether the stored facts still give the same bytes."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

COVERS: Final = (
    "Rules, definitions, lists, sources and vocabulary are taken from the full text that was "
    "stored under the digest; fixed sentences and the order of the document come from the "
    "program, for which the evaluator's name stands."
)


def view(
    document: bytes, named: str, sha256: str, now: str, comparison: Mapping[str, Any]
) -> dict[str, Any]:
    """Returns what a proof says.

    Args:
        document: The stored document; it names its rule set and the evaluator of its day.
        named: Under which name the document says so.
        sha256: The digest under which the rules of its day were looked up.
        now: Today's evaluator.
        comparison: What `rules.catalogue.proof` found.
    """
    named_set = _named_set(document, named)
    then = named_set.get("evaluator")
    return {
        named: {"version": str(named_set.get("version")), "sha256": sha256},
        "evaluator": {"then": then, "now": now},
        "sentence": _sentence(comparison, then, now),
        "covers": COVERS,
        **comparison,
    }


def _named_set(document: bytes, named: str) -> Mapping[str, Any]:
    try:
        content = orjson.loads(document)
    except orjson.JSONDecodeError:
        return {}
    named_set = content.get(named) if isinstance(content, dict) else None
    return named_set if isinstance(named_set, dict) else {}


def _sentence(comparison: Mapping[str, Any], then: str | None, now: str) -> str:
    if comparison["matches"]:
        return "The stored facts, judged again by the rules of their day, give the same bytes."
    if comparison["recomputed_sha256"] is None:
        return "It could not be made again; `differences` says why."
    if then not in (None, now):
        return (
            f"It was made by the evaluator “{then}”; this is “{now}”, which may word the same "
            "rules otherwise. Run the program of that time to repeat it byte for byte."
        )
    return "The stored facts, judged again by the rules of their day, give other bytes."
