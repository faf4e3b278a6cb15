"""The role `migrate`: brings the database of a service to the newest schema."""

import sys
from contextlib import closing

from chassis.service.declaration import Service, open_database, resolve
from chassis.service.refusals import told_in_one_sentence
from chassis.settings import ServiceSettings
from chassis.storage.database import MIGRATION_TIMEOUTS
from chassis.storage.migrations import upgrade


def run(declaration: str) -> int:
    """Apply what is missing and print it; returns the exit code.

    Args:
        declaration: Import string of the `Service`.
    """
    service: Service = resolve(declaration)
    with told_in_one_sentence(service.name) as outcome:
        for name in migrate(service, service.settings.from_environment()):
            print(f"{service.name}: applied {name}", file=sys.stderr)  # noqa: T201 - a command prints
    return outcome.code


def migrate(service: Service, settings: ServiceSettings) -> list[str]:
    """Bring the database to the newest schema; returns what was applied."""
    with closing(open_database(settings, MIGRATION_TIMEOUTS)) as database:
        return upgrade.migrate(database, service.migrations)
