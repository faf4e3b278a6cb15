"""The golden examples: one event of each kind as it was first published, and what must stay of it.

An event of the same major version may say more than its example, never less and never otherwise.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from chassis.envelope import Event, Message, headers, parse, record_key
from chassis.messaging.port import Record

FOLDER = Path(__file__).parents[1] / "examples"
OPEN = frozenset({"citations", "facts", "facts_used", "facts_not_examined", "verdicts"})
"""Objects whose names come from the case or the rules, and so differ from case to case."""

CODED = frozenset({"category", "kind", "likelihood", "locked", "hold", "outcome", "reason_code"})
"""What is decided about the example's patient in codes, which mean the same for ever."""


def example(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return found


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def as_example(event: Event, sequence: int) -> dict[str, Any]:
    """An event as it is kept: topic, key, headers, body."""
    return {
        "topic": event.topic,
        "key": record_key(event.tenant_id, event.subject),
        "headers": {name: value.decode() for name, value in headers(event, sequence)},
        "data": orjson.loads(event.data),
    }


def as_message(kept: Mapping[str, Any]) -> Message:
    """An example as a consumer gets it."""
    record = Record(
        topic=kept["topic"],
        partition=0,
        offset=0,
        key=kept["key"].encode(),
        headers=[(name, value.encode()) for name, value in kept["headers"].items()],
        value=orjson.dumps(kept["data"]),
    )
    return parse(record)


def broken_promises(promised: Any, published: Any, place: str = "") -> Iterator[str]:
    """What the example says and this event does not, or says in another type.

    Args:
        promised: A part of the example.
        said: The same part of an event of today.
        place: Where we are, for the sentence.
    """
    name = place.rpartition("/")[2]
    if promised is None:
        return  # where something may be unknown, it may be known, too
    if published is None:
        yield f"{place or '/'} is null, it was {_kind(promised)}"
    elif name in CODED and promised != published:
        yield f"{place} is {published}, it was {promised}"
    elif _kind(promised) != _kind(published):
        yield f"{place or '/'} is {_kind(published)}, it was {_kind(promised)}"
    elif isinstance(promised, dict):
        yield from _broken_members(promised, published, place)
    elif isinstance(promised, list) and promised and published:
        yield from broken_promises(_merged(promised), _merged(published), f"{place}/*")


def _broken_members(promised: Mapping[str, Any], published: Any, place: str) -> Iterator[str]:
    if place.rpartition("/")[2] in OPEN:
        return
    for name, value in promised.items():
        if name in published:
            yield from broken_promises(value, published[name], f"{place}/{name}")
        else:
            yield f"{place}/{name} is gone"


def _merged(elements: Iterable[Any]) -> Any:
    """One element that says all that any of them says."""
    whole: Any = None
    for element in elements:
        whole = {**whole, **element} if isinstance(whole, dict) else element
    return whole


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    return {str: "string", list: "list", dict: "object"}[type(value)]
