"""Removes idempotency keys after a day, as the API description promises."""

import logging
import time
from typing import Final

from chassis import clock
from chassis.storage.database import Database, Unavailable
from chassis.storage.idempotency import purge
from intake.models import IDEMPOTENCY

log = logging.getLogger(__name__)

LIFETIME_US: Final = 24 * 3600 * 1_000_000
INTERVAL_S: Final = 600.0


def expire_idempotency_keys(database: Database) -> None:
    """Remove expired keys again and again; does not return."""
    while True:
        remove_expired_keys(database)
        time.sleep(INTERVAL_S)


def remove_expired_keys(database: Database) -> None:
    """Remove the keys that are older than a day; without a database they stay for now."""
    try:
        with database.write() as connection:
            purge(connection, IDEMPOTENCY, clock.now_us() - LIFETIME_US)
    except Unavailable:
        log.warning("old idempotency keys stay for now", exc_info=True)
