"""An operator's hands, for tests: what they say, where they work, what they left behind."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from tests.faults.chassis.toy import ORDERS, PARTS, TENANT, Service
from tests.integration.chassis.road import Road

from chassis.messaging.operating.desk import Desk
from chassis.messaging.operating.operations import Tables

WHO = ("--by", "ann", "--why", "a test of hands")
MINE = ("--tenant", TENANT, *WHO)

Act = Callable[..., tuple[int, Any]]


def desk(road: Road, name: str) -> Desk:
    service: Service = getattr(road, name)
    speaks, hears = (ORDERS, PARTS) if name == "desk" else (PARTS, ORDERS)
    tables = Tables(service.database, service.outbox, service.inbox, service.audit)
    return Desk(name, tables, lambda: service.log, speaks, (hears,), service.run_dir, lambda: None)


def audited(service: Service, action: str) -> list[tuple[str, str, str, str]]:
    audit = service.audit.c
    columns = (audit.tenant_id, audit.subject, audit.actor, audit.cause)
    with service.database.read() as connection:
        chosen = select(*columns).where(audit.action == action).order_by(audit.id)
        return [tuple(row) for row in connection.execute(chosen)]


def leave_letters(road: Road, *subjects: str) -> None:
    """Leaves one open dead letter for each subject."""
    for subject in subjects:
        road.place(subject, revisions=2)
    road.mill.break_for("raise", subjects)
    road.travel_until(lambda: road.dead(status="open") == len(subjects))
    road.mill.fix("raise")
