"""The role `operate`: what an operator asks of a service, on database and broker alone."""

from collections.abc import Sequence
from functools import partial

from chassis.messaging.brokers import open_broker
from chassis.messaging.operating import command
from chassis.messaging.operating.operated_service import OperatedService, existing
from chassis.messaging.operating.operations import Tables
from chassis.messaging.sending.wakeup import wake_relay_on_commit
from chassis.service.declaration import Service, open_database, resolve


def run(declaration: str, arguments: Sequence[str]) -> int:
    """Do what the arguments say; returns the exit code.

    Args:
        declaration: Import string of the `Service`.
        arguments: As `chassis.messaging.operating.arguments` reads them.
    """
    service: Service = resolve(declaration)
    program = f"python -m {service.name} operate"
    return command.operate(program, partial(_opened, service), arguments)


def _opened(service: Service) -> OperatedService:
    settings = service.settings.from_environment()
    existing(settings.database_url)
    database = open_database(settings)
    wake_relay_on_commit(database, settings.run_dir)
    return OperatedService(
        service.name,
        Tables(database, service.outbox, service.inbox, service.audit),
        partial(open_broker, settings.broker_url),
        service.topic,
        tuple(service.subscribes),
        settings.run_dir,
        partial(service.check_schema, database),
        resolve(service.unfinished) if service.unfinished else None,
    )
