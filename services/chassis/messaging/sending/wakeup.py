"""Wakes the relay of a service after each commit that wrote to the outbox."""

from pathlib import Path

from chassis.messaging.sending.outbox import WRITTEN
from chassis.messaging.wakeup import notify
from chassis.storage.database import Database

RELAY = "relay"


def wake_relay_on_commit(database: Database, run_dir: Path) -> None:
    """Wake the relay of this service after each commit that put something into the outbox."""
    database.when_announced(WRITTEN, lambda: notify(run_dir, RELAY))
