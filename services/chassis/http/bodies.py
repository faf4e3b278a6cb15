"""Strict JSON: UTF-8, each name once, finite numbers, bounded depth."""

import json
import re
from contextlib import suppress
from typing import Any, Final

import orjson

from chassis.http import problem_types
from chassis.http.errors import Problem

MAX_DEPTH: Final = 64
MAX_BYTES: Final = 1024 * 1024

_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKETS = re.compile(rb"[\[\]{}]")


def parse_json(raw: bytes) -> Any:
    """Parses one JSON document, and refuses what two parsers could read in two ways.

    Args:
        raw: The body, at most `MAX_BYTES`.

    Returns:
        Dicts, lists, strings, numbers, booleans and None.

    Raises:
        Problem: `malformed-json`, `duplicate-name`, `not-finite` or `too-deep`; says where, never
            what.
    """
    _check_depth(raw)
    try:
        orjson.loads(raw)  # refuses NaN, infinities, broken UTF-8 and lone surrogates
        return json.loads(raw, object_pairs_hook=_each_name_once)
    except json.JSONDecodeError as error:
        _check_finite(raw)
        reason = (
            "The body is empty."
            if not raw.strip()
            else f"Line {error.lineno}, column {error.colno} cannot be read."
        )
        raise Problem(problem_types.MALFORMED_JSON, reason) from None


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Problem(problem_types.DUPLICATE_NAME)
    return found


def _check_finite(raw: bytes) -> None:
    """Tells NaN and infinities, which some clients write, from other faults."""
    with suppress(ValueError):
        json.loads(raw, parse_constant=_refuse_constant)


def _refuse_constant(_name: str) -> None:
    raise Problem(problem_types.NOT_FINITE)


def _check_depth(raw: bytes) -> None:
    if raw.count(b"[") + raw.count(b"{") <= MAX_DEPTH:  # cannot be too deep; the usual road
        return
    depth = 0
    for bracket in _BRACKETS.finditer(_STRINGS.sub(b"", raw)):
        depth += 1 if bracket[0] in b"[{" else -1
        if depth > MAX_DEPTH:
            raise Problem(problem_types.TOO_DEEP, f"At most {MAX_DEPTH} levels are read.")
