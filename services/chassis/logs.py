"""Logs as JSON lines on stderr: ids, words and durations; never data."""

import json
import logging
import re
import sys
import time
import traceback
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, TextIO

import orjson

from chassis import context

FIELDS: Final = frozenset(
    {
        *context.FIELDS,
        *("method", "route", "status", "duration_ms", "bytes", "client_id", "problem"),
        *("topic", "partition", "offset", "event_id", "event_type", "sequence", "revision"),
        *("outcome", "reason", "group", "count", "attempt", "address", "process", "version"),
    }
)
"""What a line may carry besides its message; any other extra is dropped."""

_SECRETS: Final = (
    re.compile(r"eyJ[\w-]*\.[\w-]+\.[\w-]+"),  # a token
    re.compile(r"(?i)bearer\s+\S+"),
    re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"),  # user and password in an address
    re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"),  # an e-mail address
)
REDACTED: Final = "[redacted]"


def configure(service: str, style: str = "json", stream: TextIO | None = None) -> None:
    """Sends every log line of this process to one place in one form.

    Args:
        service: Named in each line.
        style: `json`, or `text` for people.
        stream: Where to; stderr by default.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines(service) if style == "json" else PlainLines(service))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)


def redact(text: str) -> str:
    """Returns the text without tokens, passwords and e-mail addresses."""
    # each of them has one of these; nearly every text has none, and this is thirty times quicker
    if not ("@" in text or "eyJ" in text or "bearer" in text.lower()):
        return text
    for secret in _SECRETS:
        text = secret.sub(REDACTED, text)
    return text


class JsonLines(logging.Formatter):
    """One JSON object per line, with the fields of `FIELDS` and nothing else."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self.service = service

    def format(self, record: logging.LogRecord) -> str:
        """Returns the line."""
        members = self.members(record)
        try:
            return orjson.dumps(members).decode()
        except TypeError:  # a number of more than 64 bits, half of a character
            return json.dumps(members, separators=(",", ":"))

    def members(self, record: logging.LogRecord) -> dict[str, Any]:
        """Returns what the line says, in order."""
        line: dict[str, Any] = {
            "time": self.formatTime(record),
            "level": record.levelname.lower(),
            "service": self.service,
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        line |= context.current()
        line |= {name: _clean(value) for name, value in vars(record).items() if name in FIELDS}
        if record.exc_info and record.exc_info[0]:
            line |= _where(record.exc_info[0], record.exc_info[2])
        return line

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802
        """Returns the record's own time in UTC, to the millisecond."""
        whole = time.strftime(datefmt or "%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        return f"{whole}.{int(record.msecs):03d}Z"


class PlainLines(JsonLines):
    """The same for eyes."""

    def format(self, record: logging.LogRecord) -> str:
        """Returns the line."""
        line = self.members(record)
        head = " ".join(str(line.pop(name)) for name in ("time", "level", "service", "message"))
        return " ".join([head, *(f"{name}={value}" for name, value in line.items())])


def _clean(value: Any) -> Any:
    return redact(value) if isinstance(value, str) else value


def _where(kind: type[BaseException], trace: TracebackType | None) -> Mapping[str, Any]:
    """The exception's type and frames; its message may quote data, so it is left out."""
    frames = traceback.extract_tb(trace)[-12:]
    return {
        "error": f"{kind.__module__}.{kind.__qualname__}",
        "frames": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
