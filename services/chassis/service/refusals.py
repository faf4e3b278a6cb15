"""Failures at the start that a person can mend: one sentence on stderr instead of a trace."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from chassis.settings import SettingsError
from chassis.storage.database import Unavailable
from chassis.storage.migrations import SchemaMismatch


@dataclass
class Outcome:
    """The exit code of a role."""

    code: int = 0


@contextmanager
def told_in_one_sentence(service: str) -> Iterator[Outcome]:
    """Turn a wrong setting, an old schema or an absent database into a sentence and code 1."""
    outcome = Outcome()
    try:
        yield outcome
    except (SettingsError, SchemaMismatch, Unavailable) as error:
        print(f"{service}: {error}", file=sys.stderr)  # noqa: T201 - a command prints
        outcome.code = 1
