"""What the role `api` of diagnosis needs."""

from chassis.service.api import Api
from chassis.storage.database import Database
from diagnosis.app.rules_in_use import ruleset
from diagnosis.routes import EXCEPTIONS, ROUTES, Dependencies
from diagnosis.schemas import rule_faults
from diagnosis.settings import Settings


def api(_settings: Settings, database: Database) -> Api:
    """Return routes and what they work with."""
    rules = ruleset(rule_faults)
    return Api(
        ROUTES,
        Dependencies(database, rules),
        EXCEPTIONS,
        about=lambda: {"ruleset": {"version": rules.version, "sha256": rules.sha256}},
    )
