"""What the role `api` of treatment needs."""

from chassis.service.api import Api
from chassis.storage.database import Database
from treatment.app.guidance_in_use import guidance
from treatment.routes import EXCEPTIONS, ROUTES, Dependencies
from treatment.settings import Settings


def api(_settings: Settings, database: Database) -> Api:
    """Return routes and what they work with."""
    rules = guidance()
    return Api(
        ROUTES,
        Dependencies(database, rules),
        EXCEPTIONS,
        about=lambda: {"guidance": {"version": rules.version, "sha256": rules.digest}},
    )
