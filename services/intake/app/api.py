"""What the role `api` of intake needs."""

from collections.abc import Sequence
from typing import Any

from chassis.service.api import Api
from chassis.storage.database import Database
from intake.routes import EXCEPTIONS, ROUTES, Admission, Dependencies, Waiters
from intake.schemas import FINDINGS, VOCABULARY, vocabulary_view
from intake.settings import Settings
from intake.use_cases import settled


def api(settings: Settings, database: Database) -> Api:
    """Return routes and what they work with."""
    return Api(
        ROUTES,
        dependencies(settings, database),
        EXCEPTIONS,
        about=lambda: {"vocabulary": VOCABULARY.digest},
    )


def dependencies(settings: Settings, database: Database) -> Dependencies:
    """Return what the routes work with."""

    def read_settled(keys: Sequence[Any]) -> Any:
        with database.read() as connection:
            return settled(connection, keys)

    return Dependencies(
        database,
        FINDINGS,
        vocabulary_view(VOCABULARY),
        Admission(database, settings.run_dir, settings.longest_queue, settings.least_free_bytes),
        Waiters(settings.run_dir, settings.waiting_limit, read_settled),
    )
