"""What a service declares of itself."""

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import Table

from chassis.messaging.receiving.inbox import InboxTables
from chassis.messaging.sending.outbox import OutboxTables
from chassis.settings import ServiceSettings
from chassis.storage import migrations
from chassis.storage.database import WORKER_TIMEOUTS, Database, Timeouts


@dataclass(frozen=True)
class Service:
    """A service: names, tables, topics, and where its roles find what they need.

    What only one role needs is named by an import string (`package.module:object`), so that the
    other roles do not import it.

    Attributes:
        name: The service; also its package, its image and its consumer group.
        version: Its version.
        settings: What it reads from its environment.
        outbox: Tables of the sending side.
        inbox: Tables of the receiving side.
        audit: The audit table.
        publishes: Topic -> types of the events that it publishes there; one topic.
        subscribes: Topic -> types of the events that it handles.
        routes: Import string of its routes, for the API description.
        api: Import string of `api(settings, database) -> Api`, see `chassis.service.api`.
        consumer: Import string of `consumer(settings, database) -> Consumer`, see
            `chassis.service.worker`.
        unfinished: Import string of what lists accepted work without a result, if there is any.
    """

    name: str
    version: str
    settings: type[ServiceSettings]
    outbox: OutboxTables
    inbox: InboxTables
    audit: Table
    publishes: Mapping[str, tuple[str, ...]]
    subscribes: Mapping[str, tuple[str, ...]]
    routes: str
    api: str
    consumer: str
    unfinished: str | None = None

    @property
    def topic(self) -> str:
        """The topic that it publishes to."""
        (topic,) = self.publishes
        return topic

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics that must exist before it runs."""
        return (self.topic, *self.subscribes)

    @cached_property
    def package(self) -> ModuleType:
        """Its package."""
        return importlib.import_module(self.name)

    @property
    def migrations(self) -> Path:
        """The folder of its migrations."""
        return Path(self.package.__path__[0]) / "migrations"

    def check_schema(self, database: Database) -> None:
        """Make sure that the database has at least the schema of this program.

        Raises:
            SchemaMismatch: it has not; the sentence says what to do.
        """
        migrations.check(database, self.migrations)


def open_database(settings: ServiceSettings, timeouts: Timeouts = WORKER_TIMEOUTS) -> Database:
    """Return the service's own database; it connects at first use."""
    return Database.open(settings.database_url, settings.database_password_file, timeouts)


def resolve(reference: str) -> Any:
    """Return the object that an import string names."""
    return pkgutil.resolve_name(reference)
