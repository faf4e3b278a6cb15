"""Keeps a document within what an event may carry."""

from typing import Any

import orjson

MOST_BYTES = 62_000  # an event carries a document of 64 KiB; the rest is room for its own names
LEFT_OUT = "{} further missing findings are not listed here; the first ones matter most."


def fitted(document: dict[str, Any]) -> dict[str, Any]:
    """Shorten the list of missing findings from its end until the document fits.

    The list is ordered by importance, so what can lock or hold treatment stays. The document says
    how many were left out; nothing else is ever shortened.
    """
    excess = len(orjson.dumps(document)) - MOST_BYTES
    if excess <= 0:
        return document
    findings: list[dict[str, Any]] = document["missing_findings"]
    kept = len(findings)
    excess += len(LEFT_OUT)
    while kept and excess > 0:
        kept -= 1
        excess -= len(orjson.dumps(findings[kept])) + 1
    sentence = LEFT_OUT.format(len(findings) - kept)
    return document | {
        "missing_findings": findings[:kept],
        "limits": [*document["limits"], sentence],
    }
