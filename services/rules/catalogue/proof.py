"""Compares a stored document with the one that the same rules and facts give again."""

import hashlib
import itertools
import json
from typing import Any, Final

from rules.catalogue.differences import ABSENT, differences

MOST_SHOWN: Final = 20
SPELLED: Final = "The content is the same; only its spelling differs (order, spaces or numbers)."


def compare(stored: bytes, again: bytes) -> dict[str, Any]:
    """Say whether two documents are the same bytes and, if not, where they differ first.

    Args:
        stored: the document as it was kept.
        again: what the same rules and facts give now.

    Returns:
        `matches`, both digests, and at most twenty differences with their JSON pointers.
    """
    matches = stored == again
    return {
        "matches": matches,
        "stored_sha256": hashlib.sha256(stored).hexdigest(),
        "recomputed_sha256": hashlib.sha256(again).hexdigest(),
        "differences": [] if matches else _shown(stored, again),
    }


def impossible(stored: bytes, why: str) -> dict[str, Any]:
    """Say that a document could not be made again, and why."""
    return {
        "matches": False,
        "stored_sha256": hashlib.sha256(stored).hexdigest(),
        "recomputed_sha256": None,
        "differences": [{"pointer": "", "sentence": why}],
    }


def _shown(stored: bytes, again: bytes) -> list[dict[str, Any]]:
    try:
        before = json.loads(stored)
    except ValueError:
        return [{"pointer": "", "sentence": "The stored document is not JSON any more."}]
    first_differences = itertools.islice(differences(before, json.loads(again)), MOST_SHOWN)
    entries = [
        {"pointer": place} | _values({"stored": old, "recomputed": new})
        for place, old, new in first_differences
    ]
    return entries or [{"pointer": "", "sentence": SPELLED}]


def _values(values: dict[str, Any]) -> dict[str, Any]:
    """Leave out the side that has nothing there."""
    return {name: value for name, value in values.items() if value is not ABSENT}
