"""The only place that builds things: from the environment to a running role."""

from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from chassis import logs
from chassis.messaging.port import Broker, open_broker
from chassis.messaging.process import Observed, run_relay_and_worker
from chassis.messaging.receiving.worker import Worker
from chassis.messaging.sending.relay import Relay
from chassis.messaging.wakeup import wake_relay_on_commit
from chassis.storage import migrations
from chassis.storage.database import HASTY, STEADY, UNHURRIED, Database, Pace
from diagnosis import events
from diagnosis.models import AUDIT, INBOX, OUTBOX
from diagnosis.settings import Settings

if TYPE_CHECKING:  # the worker does not need it
    from flask import Flask

    from chassis.messaging.operating.desk import Desk
    from diagnosis.judge import Ruleset

NAME: Final = "diagnosis"
VERSION: Final = "0.1.0"
MIGRATIONS: Final = Path(__file__).parent / "migrations"
HEARD: Final = (events.CASES,)
TOPICS: Final = (events.PUBLISHED, *HEARD)


def api() -> "Flask":
    """Builds what the HTTP server loads: `diagnosis.app:api()`."""
    from chassis.http.server import in_one_line  # noqa: PLC0415 - only this role needs it

    with in_one_line(NAME):
        settings = Settings.from_environment()
        logs.configure(NAME, settings.log_format)
        database = _database(settings, HASTY)
        database.enter()
    wake_relay_on_commit(database, settings.run_dir)
    return web(settings, database)


def web(settings: Settings, database: Database) -> "Flask":
    """Builds the HTTP application on a database."""
    from chassis.http.app import Service, create_app  # noqa: PLC0415 - only this role needs it
    from chassis.http.auth import Verifier  # noqa: PLC0415
    from diagnosis.routes import EXCEPTIONS, ROUTES, Dependencies  # noqa: PLC0415
    from diagnosis.schemas import rule_faults  # noqa: PLC0415

    rules = ruleset(rule_faults)
    service = Service(
        NAME,
        VERSION,
        ROUTES,
        Verifier(settings.jwks_file, settings.audience),
        Dependencies(database, rules),
        ready={"database": database.ping},
        started={"schema": partial(migrations.check, database, MIGRATIONS)},
        exceptions=EXCEPTIONS,
        about=lambda: {"ruleset": {"version": rules.version, "sha256": rules.sha256}},
    )
    return create_app(service)


def ruleset(check_then: Any = None) -> "Ruleset":
    """Reads the rules, and compiles those of today so that the first case does not wait."""
    from chassis import clock  # noqa: PLC0415 - migrating needs none of this
    from diagnosis.judge import load_ruleset  # noqa: PLC0415

    rules = load_ruleset(check_then=check_then)
    rules.in_force(clock.today())
    return rules


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
    hears = consumer(settings, database, broker, ruleset()) if with_worker else None
    sends = Relay(database, OUTBOX, broker, settings.run_dir) if with_relay else None
    check = partial(migrations.check, database, MIGRATIONS)
    seen = Observed(database, OUTBOX, INBOX, HEARD, settings.run_dir, check)
    return run_relay_and_worker(sends, hears, broker, seen)


def consumer(settings: Settings, database: Database, broker: Broker, rules: "Ruleset") -> Worker:
    """Builds the worker; the ruleset that it judges with is kept first."""
    from diagnosis.subscriptions import on_quarantine, subscriptions  # noqa: PLC0415
    from diagnosis.use_cases import keep_ruleset  # noqa: PLC0415

    with database.write() as connection:
        keep_ruleset(connection, rules)
    return Worker(
        database,
        INBOX,
        broker,
        NAME,
        subscriptions(rules),
        on_quarantine,
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

    settings = Settings.from_environment()
    existing(settings.database_url)
    database = _database(settings)
    wake_relay_on_commit(database, settings.run_dir)
    return Desk(
        NAME,
        Tables(database, OUTBOX, INBOX, AUDIT),
        partial(open_broker, settings.broker_url),
        events.PUBLISHED,
        HEARD,
        settings.run_dir,
        partial(migrations.check, database, MIGRATIONS),
    )


def describe() -> dict[str, Any]:
    """Returns what the service says and hears, for documents and tests."""
    from chassis.http import openapi  # noqa: PLC0415 - as in `web`
    from diagnosis.routes import ROUTES  # noqa: PLC0415
    from diagnosis.subscriptions import subscriptions  # noqa: PLC0415

    heard = subscriptions(ruleset())
    return {
        "service": NAME,
        "version": VERSION,
        "speaks": {events.PUBLISHED: [events.RAISED, events.ASSESSED, events.STOPPED]},
        "hears": {topic: sorted(kinds) for topic, kinds in heard.items()},
        "openapi": openapi.describe(NAME, VERSION, ROUTES),
    }
