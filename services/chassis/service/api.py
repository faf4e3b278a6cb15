"""The role `api`: serves the routes of a service under gunicorn."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from flask import Flask

from chassis import logs
from chassis.http import app as http
from chassis.http.auth import Verifier
from chassis.http.errors import ProblemType
from chassis.http.routing import Routes
from chassis.http.server import in_one_line
from chassis.messaging.sending.wakeup import wake_relay_on_commit
from chassis.service.declaration import Service, open_database, resolve
from chassis.settings import ServiceSettings
from chassis.storage.database import REQUEST_TIMEOUTS, Database


@dataclass(frozen=True)
class Api:
    """What a service answers over HTTP.

    Attributes:
        routes: Its routes.
        dependencies: What handlers get as their second argument.
        exceptions: Which problem an exception of the domain is.
        about: Served at `/v1/version`, beside name and version.
    """

    routes: Sequence[Routes]
    dependencies: Any
    exceptions: Mapping[type[Exception], ProblemType] = field(default_factory=dict)
    about: Callable[[], Mapping[str, Any]] = dict


def application(declaration: str) -> Flask:
    """Build what a worker of the HTTP server loads.

    Args:
        declaration: Import string of the `Service`.
    """
    service: Service = resolve(declaration)
    with in_one_line(service.name):
        settings = service.settings.from_environment()
        logs.configure(service.name, settings.log_format)
        database = open_database(settings, REQUEST_TIMEOUTS)
        database.enter()
    wake_relay_on_commit(database, settings.run_dir)
    return build(service, settings, database, resolve(service.api)(settings, database))


def build(service: Service, settings: ServiceSettings, database: Database, api: Api) -> Flask:
    """Build the HTTP application of a service on its database."""
    return http.create_app(
        http.Service(
            service.name,
            service.version,
            api.routes,
            Verifier(settings.jwks_file, settings.audience),
            api.dependencies,
            ready={"database": database.ping},
            started={"schema": partial(service.check_schema, database)},
            exceptions=api.exceptions,
            about=api.about,
        )
    )
