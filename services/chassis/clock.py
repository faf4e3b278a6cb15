"""The only place that reads the clock or makes an id."""

import os
import time
import uuid
from datetime import UTC, date, datetime

_NAMESPACE = uuid.UUID("6f1d3c7e-2b54-5a0e-9c61-8d2f0a7b4e13")
_SEPARATOR = "\x1f"
_VERSION = 7


def now() -> datetime:
    """Return the current time, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - this is the one place


def now_us() -> int:
    """Return the current time in microseconds since 1970, UTC."""
    return time.time_ns() // 1_000


def today() -> date:
    """Return the current date in UTC."""
    return now().date()


def new_id() -> str:
    """Return a fresh UUIDv7 as canonical text; later ids sort after earlier ones.

    The twelve bits after the version hold the fraction of the millisecond, so that ids of one
    process keep their order within it.
    """
    milliseconds, nanoseconds = divmod(time.time_ns(), 1_000_000)
    fraction = (nanoseconds << 12) // 1_000_000
    noise = int.from_bytes(os.urandom(8)) & 0x3FFF_FFFF_FFFF_FFFF
    value = (milliseconds << 80) | (0x7 << 76) | (fraction << 64) | (0b10 << 62) | noise
    return str(uuid.UUID(int=value))


def made_at_us(identifier: str) -> int | None:
    """Return when an id of `new_id` was made, microseconds UTC; None for any other text."""
    try:
        named = uuid.UUID(identifier)
    except ValueError:
        return None
    return (named.int >> 80) * 1_000 if named.version == _VERSION else None


def derived_id(cause: str, *names: str) -> str:
    """Return the UUIDv5 that always follows from this cause and these names.

    Args:
        cause: the id of what caused the new thing, for example the event that was received.
        names: what tells apart several things of one cause, for example a type and an ordinal.

    Returns:
        The same canonical text for the same arguments, so that doing a thing again names it again.
    """
    return str(uuid.uuid5(_NAMESPACE, _SEPARATOR.join((cause, *names))))
