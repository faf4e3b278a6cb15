"""What the role `worker` of diagnosis needs."""

from chassis.service.worker import Consumer
from chassis.storage.database import Database
from diagnosis.app.rules_in_use import ruleset
from diagnosis.domain import Ruleset
from diagnosis.settings import Settings
from diagnosis.subscriptions import on_quarantine, subscriptions
from diagnosis.use_cases import keep_ruleset


def consumer(_settings: Settings, database: Database, rules: Ruleset | None = None) -> Consumer:
    """Return the handlers; the ruleset that they judge with is stored first."""
    rules = rules or ruleset()
    with database.write() as connection:
        keep_ruleset(connection, rules)
    return Consumer(subscriptions(rules), on_quarantine)
