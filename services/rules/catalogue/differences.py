"""Where two JSON values differ: pointers, and what stands there in each."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple


class _Absent:
    """Stands for a place that one of two values does not have."""

    def __repr__(self) -> str:
        return "nothing"


ABSENT: Final = _Absent()


class Difference(NamedTuple):
    """One place; `before` or `after` is ``ABSENT`` where only the other value has it."""

    pointer: str
    before: Any
    after: Any


def differences(before: Any, after: Any, pointer: str = "") -> Iterator[Difference]:
    """Find the innermost places where two JSON values differ, in the order of the first one.

    Args:
        before: a JSON value.
        after: another one.
        pointer: JSON pointer (RFC 6901) of both.
    """
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _members(before, after, pointer)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _elements(before, after, pointer)
    elif type(before) is not type(after) or before != after:
        yield Difference(pointer, before, after)


def _members(before: dict[str, Any], after: dict[str, Any], pointer: str) -> Iterator[Difference]:
    for name in (*before, *(name for name in after if name not in before)):
        place = f"{pointer}/{_escaped(name)}"
        yield from differences(before.get(name, ABSENT), after.get(name, ABSENT), place)


def _elements(before: list[Any], after: list[Any], pointer: str) -> Iterator[Difference]:
    for at in range(max(len(before), len(after))):
        old = before[at] if at < len(before) else ABSENT
        new = after[at] if at < len(after) else ABSENT
        yield from differences(old, new, f"{pointer}/{at}")


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
