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
    document: bytes, named: str, sha256: str, now: str, found: Mapping[str, Any]
) -> dict[str, Any]:
    """Returns what a proof says.

    Args:
        document: The stored document; it names its rule set and the evaluator of its day.
        named: Under which name the document says so.
        sha256: The digest under which the rules of its day were looked up.
        now: Today's evaluator.
        found: What `rules.catalogue.proof` found.
    """
    said = _said(document, named)
    then = said.get("evaluator")
    return {
        named: {"version": str(said.get("version")), "sha256": sha256},
        "evaluator": {"then": then, "now": now},
        "sentence": _sentence(found, then, now),
        "covers": COVERS,
        **found,
    }


def _said(document: bytes, named: str) -> Mapping[str, Any]:
    try:
        read = orjson.loads(document)
    except orjson.JSONDecodeError:
        return {}
    said = read.get(named) if isinstance(read, dict) else None
    return said if isinstance(said, dict) else {}


def _sentence(found: Mapping[str, Any], then: str | None, now: str) -> str:
    if found["matches"]:
        return "The stored facts, judged again by the rules of their day, give the same bytes."
    if found["recomputed_sha256"] is None:
        return "It could not be made again; `differences` says why."
    if then not in (None, now):
        return (
            f"It was made by the evaluator “{then}”; this is “{now}”, which may word the same "
            "rules otherwise. Run the program of that time to repeat it byte for byte."
        )
    return "The stored facts, judged again by the rules of their day, give other bytes."
