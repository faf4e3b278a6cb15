"""What the role `worker` of treatment needs."""

from chassis.messaging.process import watched
from chassis.service.worker import Consumer
from chassis.storage.database import Database
from rules import Knowledge
from treatment.app.guidance_in_use import guidance
from treatment.settings import Settings
from treatment.subscriptions import end_to_end, on_quarantine, subscriptions
from treatment.use_cases import keep_guidance


def consumer(_settings: Settings, database: Database, rules: Knowledge | None = None) -> Consumer:
    """Return the handlers; the guidance that they recommend by is stored first."""
    rules = rules or guidance()
    with database.write() as connection:
        keep_guidance(connection, rules)
    return Consumer(subscriptions(rules, end_to_end() if watched() else None), on_quarantine)
