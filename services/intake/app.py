"""The only place that builds things: from the environment to a running role."""

import logging
import threading
import time
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from chassis import clock, logs
from chassis.messaging.port import Broker, open_broker
from chassis.messaging.process import Observed, run_relay_and_worker
from chassis.messaging.receiving.worker import Worker
from chassis.messaging.sending.relay import Relay
from chassis.messaging.wakeup import ring_all, wake_relay_on_commit
from chassis.storage import migrations
from chassis.storage.database import HASTY, STEADY, UNHURRIED, Database, Pace, Unavailable
from chassis.storage.idempotency import purge
from intake import events
from intake.models import AUDIT, IDEMPOTENCY, INBOX, OUTBOX
from intake.settings import BELL, Settings
from intake.subscriptions import on_quarantine, subscriptions

if TYPE_CHECKING:  # the worker needs neither
    from flask import Flask

    from chassis.messaging.operating.desk import Desk
    from intake.routes import Dependencies

log = logging.getLogger(__name__)

NAME: Final = "intake"
VERSION: Final = "0.1.0"
KEYS_LIVE_US: Final = 24 * 3600 * 1_000_000
FORGET_EVERY_S: Final = 600.0
MIGRATIONS: Final = Path(__file__).parent / "migrations"
HEARD: Final = (events.ASSESSMENTS, events.PLANS)
TOPICS: Final = (events.SPOKEN, *HEARD)


def api() -> "Flask":
    """Builds what the HTTP server loads: `intake.app:api()`."""
    from chassis.http.server import in_one_line  # noqa: PLC0415 - only this role needs it

    with in_one_line(NAME):
        settings = Settings.from_environment()
        logs.configure(NAME, settings.log_format)
        database = _database(settings, HASTY)
        database.enter()
    wake_relay_on_commit(database, settings.run_dir)
    return web(settings, database, dependencies(settings, database))


def web(settings: Settings, database: Database, needed: "Dependencies") -> "Flask":
    """Builds the HTTP application on a database, from what its routes need."""
    from chassis.http.app import Service, create_app  # noqa: PLC0415 - only this role needs it
    from chassis.http.auth import Verifier  # noqa: PLC0415
    from intake.routes import EXCEPTIONS, ROUTES  # noqa: PLC0415
    from intake.schemas import VOCABULARY  # noqa: PLC0415

    service = Service(
        NAME,
        VERSION,
        ROUTES,
        Verifier(settings.jwks_file, settings.audience),
        needed,
        ready={"database": database.ping},
        started={"schema": partial(migrations.check, database, MIGRATIONS)},
        exceptions=EXCEPTIONS,
        about=lambda: {"vocabulary": VOCABULARY.digest},
    )
    return create_app(service)


def dependencies(settings: Settings, database: Database) -> "Dependencies":
    """Builds what the routes work with."""
    from intake.routes import Admission, Dependencies, Waiters  # noqa: PLC0415 - as in `web`
    from intake.schemas import FINDINGS, VOCABULARY, vocabulary_view  # noqa: PLC0415
    from intake.use_cases import settled  # noqa: PLC0415

    def look(keys: Any) -> Any:
        with database.read() as connection:
            return settled(connection, keys)

    return Dependencies(
        database,
        FINDINGS,
        vocabulary_view(VOCABULARY),
        Admission(database, settings.run_dir, settings.longest_queue, settings.least_free_bytes),
        Waiters(settings.run_dir, settings.seats, look),
    )


def relay(settings: Settings) -> int:
    """Runs the relay alone until it is stopped; returns the exit code."""
    return _run(settings, with_relay=True, with_worker=False)


def worker(settings: Settings, *, with_relay: bool) -> int:
    """Runs the worker until it is stopped; returns the exit code."""
    return _run(settings, with_relay=with_relay, with_worker=True)


def _run(settings: Settings, *, with_relay: bool, with_worker: bool) -> int:
    logs.configure(NAME, settings.log_format)
    database, broker = _database(settings), open_broker(settings.broker_url)
    database.enter()
    hears = consumer(settings, database, broker) if with_worker else None
    if with_worker:
        threading.Thread(target=_forget_old_keys, args=(database,), daemon=True).start()
    sends = Relay(database, OUTBOX, broker, settings.run_dir) if with_relay else None
    check = partial(migrations.check, database, MIGRATIONS)
    seen = Observed(database, OUTBOX, INBOX, HEARD, settings.run_dir, check)
    return run_relay_and_worker(sends, hears, broker, seen)


def _forget_old_keys(database: Database) -> None:
    while True:
        forget_old_keys(database)
        time.sleep(FORGET_EVERY_S)


def forget_old_keys(database: Database) -> None:
    """Forgets idempotency keys after a day, as the API description promises."""
    try:
        with database.write() as connection:
            purge(connection, IDEMPOTENCY, clock.now_us() - KEYS_LIVE_US)
    except Unavailable:
        log.warning("old idempotency keys stay for now", exc_info=True)


def consumer(settings: Settings, database: Database, broker: Broker) -> Worker:
    """Builds the worker, which rings the doorbells of the API processes after each commit."""
    ring = partial(ring_all, settings.run_dir, BELL)
    return Worker(
        database,
        INBOX,
        broker,
        NAME,
        subscriptions(ring),
        on_quarantine(ring),
        settings.run_dir,
    )


def _database(settings: Settings, pace: Pace = STEADY) -> Database:
    return Database.open(settings.database_url, settings.database_password_file, pace)


def migrate(settings: Settings) -> list[str]:
    """Brings the database to the newest schema; returns what was applied."""
    with closing(_database(settings, UNHURRIED)) as database:
        return migrations.migrate(database, MIGRATIONS)


def operate(arguments: list[str]) -> int:
    """Does what an operator asks, on database and log alone; returns the exit code."""
    from chassis.messaging.operating.command import operate as act  # noqa: PLC0415

    return act(f"python -m {NAME} operate", _desk, arguments)


def _desk() -> "Desk":
    from chassis.messaging.operating.desk import Desk, existing  # noqa: PLC0415
    from chassis.messaging.operating.operations import Tables  # noqa: PLC0415
    from intake.use_cases import unfinished  # noqa: PLC0415

    settings = Settings.from_environment()
    existing(settings.database_url)
    database = _database(settings)
    wake_relay_on_commit(database, settings.run_dir)
    return Desk(
        NAME,
        Tables(database, OUTBOX, INBOX, AUDIT),
        partial(open_broker, settings.broker_url),
        events.SPOKEN,
        HEARD,
        settings.run_dir,
        partial(migrations.check, database, MIGRATIONS),
        unfinished,
    )


def describe() -> dict[str, Any]:
    """Returns what the service says and hears, for documents and tests."""
    from chassis.http import openapi  # noqa: PLC0415 - as in `web`
    from intake.routes import ROUTES  # noqa: PLC0415

    return {
        "service": NAME,
        "version": VERSION,
        "speaks": {events.SPOKEN: [events.SUBMITTED, events.REVISED, events.STOPPED]},
        "hears": {topic: sorted(kinds) for topic, kinds in subscriptions(_silent).items()},
        "openapi": openapi.describe(NAME, VERSION, ROUTES),
    }


def _silent() -> None:
    """Rings nobody."""
