"""What a handler may raise to say how its message should be treated."""

import json
import traceback
from typing import Literal

from chassis.envelope import UnreadableMessage
from chassis.storage.errors import is_contention

DeadStatus = Literal["retry", "open"]


class Poison(Exception):
    """This program will never apply this message: wrong shape, unknown version, broken rule."""

    def __init__(self, code: str, sentence: str) -> None:
        """Keep a code for programs and a sentence for people; neither quotes the body."""
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


class Retry(Poison):
    """This message cannot be applied yet; its subject waits, and it is tried again by itself."""


def explain(error: Exception) -> tuple[str, str, DeadStatus]:
    """Return reason code, reason and status for a dead letter.

    The text of an unexpected exception is left out, because it may quote the body.
    """
    if isinstance(error, Retry):
        return error.code, error.sentence, "retry"
    if isinstance(error, Poison):
        return error.code, error.sentence, "open"
    if isinstance(error, UnreadableMessage):
        return "unreadable-headers", error.reason, "open"
    if isinstance(error, json.JSONDecodeError):  # orjson's error is one of these
        return "body-not-json", "the body is not JSON", "open"
    if is_contention(error):
        return "contended", "other transactions were in its way each time", "retry"
    return "handler-failed", f"{type(error).__name__} at {_place(error)}", "retry"


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else "unknown"
