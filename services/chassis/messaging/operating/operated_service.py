"""Where an operator works: one service's tables, its log, and what it knows of its work."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import make_url

from chassis.messaging.operating.operations import Tables
from chassis.messaging.port import Broker
from chassis.settings import SettingsError

Unfinished = Callable[[Connection, str | None, int, int], Sequence[dict[str, Any]]]
"""Asked with tenant (or None), a moment (microseconds UTC) and a limit."""


@dataclass(frozen=True)
class OperatedService:
    """One service, as an operator finds it.

    Attributes:
        name: its own.
        tables: its database.
        broker: opens its log.
        speaks: the topic that it writes.
        hears: the topics that it reads.
        run_dir: its run folder.
        check: raises when the database has another schema than the program.
        unfinished: what was accepted before a moment and has no result; None when it accepts
            nothing from outside.
    """

    name: str
    tables: Tables
    broker: Callable[[], Broker]
    speaks: str
    hears: tuple[str, ...]
    run_dir: Path
    check: Callable[[], None]
    unfinished: Unfinished | None = None


def existing(database_url: str) -> str:
    """Return the URL, if its database exists as far as one can see: files are not made here.

    Raises:
        SettingsError: it is a file that is not there.
    """
    address = make_url(database_url)
    if address.get_backend_name() == "sqlite" and not Path(address.database or "").is_file():
        raise SettingsError(f"there is no database {address.database}: is this the right one?")
    return database_url
