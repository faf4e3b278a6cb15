"""What the code is working on right now: ids for logs and events, never data."""

from contextvars import ContextVar
from typing import Final

FIELDS: Final = ("request_id", "tenant_id", "subject", "traceparent", "actor")

_current: ContextVar[dict[str, str]] = ContextVar("current", default={})  # noqa: B039 - never mutated, only replaced


def bind(**ids: str | None) -> None:
    """Adds ids to the current context; None leaves a field as it is.

    Args:
        **ids: Any of `FIELDS`.

    Raises:
        ValueError: For a name that is not in `FIELDS`, because anything may be sensitive.
    """
    if unknown := ids.keys() - set(FIELDS):
        raise ValueError(f"not an id that logs may carry: {sorted(unknown)}")
    _current.set(_current.get() | {name: value for name, value in ids.items() if value is not None})


def current() -> dict[str, str]:
    """Returns a copy of the ids that are bound."""
    return dict(_current.get())


def clear() -> None:
    """Forgets everything; each request and each message starts with this."""
    _current.set({})
