"""What operators read: JSON lines for programs, aligned text for people."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TextIO

Entry = Mapping[str, Any]


def moment(microseconds: int) -> str:
    """Return a moment as RFC 3339, UTC, to the second."""
    return f"{datetime.fromtimestamp(microseconds / 1_000_000, UTC):%Y-%m-%dT%H:%M:%SZ}"


def show(
    entries: Iterable[Entry], *, as_json: bool, empty: str, stream: TextIO | None = None
) -> int:
    """Print entries, and return how many there were.

    Args:
        entries: what to print; all have the same names.
        as_json: one object a line, at once; otherwise a table.
        empty: what to tell people when there is none.
        stream: where to, stdout by default.
    """
    out = sys.stdout if stream is None else stream
    if as_json:
        count = 0
        for entry in entries:
            out.write(json.dumps(entry, ensure_ascii=False) + "\n")
            count += 1
        return count
    listed = list(entries)
    out.write("\n".join(_table(listed) if listed else [empty]) + "\n")
    return len(listed)


def describe(entry: Entry, *, as_json: bool, stream: TextIO | None = None) -> None:
    """Print one thing: an object, or a line for each of its names."""
    out = sys.stdout if stream is None else stream
    if as_json:
        out.write(json.dumps(entry, ensure_ascii=False) + "\n")
        return
    width = max(map(len, entry))
    for name, value in entry.items():
        for number, line in enumerate(_text(value).splitlines() or [""]):
            out.write(f"{'' if number else name:<{width}}  {line}\n")


def _table(entries: Sequence[Entry]) -> list[str]:
    names = list(entries[0])
    rows = [names, *([_text(entry[name]) for name in names] for entry in entries)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(names))]
    return [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return "\n".join(f"{name}: {_text(inner)}" for name, inner in value.items())
    if isinstance(value, list | tuple):
        return "\n".join(map(_text, value))
    if isinstance(value, float):
        return f"{value:.1f}"
    return "-" if value is None else str(value)
