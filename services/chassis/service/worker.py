"""The roles `worker` and `relay`: handle messages, publish events, or both in one process."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from sqlalchemy import Connection

from chassis import logs
from chassis.envelope import Message
from chassis.messaging.brokers import open_broker
from chassis.messaging.operating.observed import Observed
from chassis.messaging.port import Broker
from chassis.messaging.process import run_until_stopped, watched
from chassis.messaging.receiving.worker import Subscriptions, Worker
from chassis.messaging.sending.relay import Relay
from chassis.service.declaration import Service, open_database, resolve
from chassis.service.refusals import told_in_one_sentence
from chassis.settings import ServiceSettings
from chassis.storage.database import Database

FIGURES: Final = "chassis.service.figures:serve"
"""Imported only where METRICS_PORT is set: other processes count nothing."""


@dataclass(frozen=True)
class Consumer:
    """What a service does with messages.

    Attributes:
        subscriptions: Topic -> event type -> handler.
        on_quarantine: Called in the transaction in which a message is set aside.
        background: Each runs in a thread of its own until the process ends.
    """

    subscriptions: Subscriptions
    on_quarantine: Callable[[Connection, Message, str], None]
    background: Sequence[Callable[[], None]] = ()


def run(declaration: str, *, with_worker: bool, with_relay: bool) -> int:
    """Run until a signal or a failure; returns the exit code.

    Args:
        declaration: Import string of the `Service`.
        with_worker: Handle messages.
        with_relay: Publish events.
    """
    service: Service = resolve(declaration)
    with told_in_one_sentence(service.name) as outcome:
        outcome.code = _run(service, with_worker=with_worker, with_relay=with_relay)
    return outcome.code


def _run(service: Service, *, with_worker: bool, with_relay: bool) -> int:
    settings = service.settings.from_environment()
    logs.configure(service.name, settings.log_format)
    database, broker = open_database(settings), open_broker(settings.broker_url)
    database.enter()
    worker = None
    if with_worker:
        consumer: Consumer = resolve(service.consumer)(settings, database)
        worker = build(service, settings, database, broker, consumer)
        for job in consumer.background:
            threading.Thread(target=job, daemon=True).start()
    relay = Relay(database, service.outbox, broker, settings.run_dir) if with_relay else None
    observed = Observed(
        database,
        service.outbox,
        service.inbox,
        tuple(service.subscribes),
        settings.run_dir,
        partial(service.check_schema, database),
    )
    if watched():
        resolve(FIGURES)(observed, broker, relay, worker)
    return run_until_stopped([each for each in (relay, worker) if each], settings.run_dir)


def build(
    service: Service,
    settings: ServiceSettings,
    database: Database,
    broker: Broker,
    consumer: Consumer,
) -> Worker:
    """Build the worker of a service.

    Raises:
        ValueError: The handlers are not those that the service declares.
    """
    handled = {topic: set(handlers) for topic, handlers in consumer.subscriptions.items()}
    if handled != {topic: set(types) for topic, types in service.subscribes.items()}:
        raise ValueError(f"{service.name} declares other subscriptions than it has handlers for")
    return Worker(
        database,
        service.inbox,
        broker,
        service.name,
        consumer.subscriptions,
        consumer.on_quarantine,
        settings.run_dir,
    )
