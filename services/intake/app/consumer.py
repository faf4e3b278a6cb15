"""What the role `worker` of intake needs."""

from functools import partial

from chassis.messaging.wakeup import notify_all
from chassis.service.worker import Consumer
from chassis.storage.database import Database
from intake.app.expiry import expire_idempotency_keys
from intake.settings import WAKEUP_PREFIX, Settings
from intake.subscriptions import on_quarantine, subscriptions


def consumer(settings: Settings, database: Database) -> Consumer:
    """Return the handlers, which wake the API processes after each commit."""
    wake = partial(notify_all, settings.run_dir, WAKEUP_PREFIX)
    return Consumer(
        subscriptions(wake),
        on_quarantine(wake),
        background=[partial(expire_idempotency_keys, database)],
    )
