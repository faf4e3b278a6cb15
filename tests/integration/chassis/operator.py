"""What the tests of operators share: who acts, on which service, and what was left behind."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from tests.faults.chassis.toy import ORDERS, PRODUCED, TENANT, Service
from tests.integration.chassis.pipeline import Pipeline

from chassis.messaging.operating.operated_service import OperatedService
from chassis.messaging.operating.operations import Tables

WHO = ("--by", "ann", "--why", "a test")
MINE = ("--tenant", TENANT, *WHO)

Act = Callable[..., tuple[int, Any]]


def operated(pipeline: Pipeline, name: str) -> OperatedService:
    service: Service = getattr(pipeline, name)
    speaks, hears = (ORDERS, PRODUCED) if name == "shop" else (PRODUCED, ORDERS)
    tables = Tables(service.database, service.outbox, service.inbox, service.audit)
    return OperatedService(
        name, tables, lambda: service.log, speaks, (hears,), service.run_dir, lambda: None
    )


def audited(service: Service, action: str) -> list[tuple[str, str, str, str]]:
    audit = service.audit.c
    columns = (audit.tenant_id, audit.subject, audit.actor, audit.cause)
    with service.database.read() as connection:
        chosen = select(*columns).where(audit.action == action).order_by(audit.id)
        return [tuple(row) for row in connection.execute(chosen)]


def leave_letters(pipeline: Pipeline, *subjects: str) -> None:
    """Leaves one open dead letter for each subject."""
    for subject in subjects:
        pipeline.place(subject, revisions=2)
    pipeline.mill.break_for("raise", subjects)
    pipeline.travel_until(lambda: pipeline.dead(status="open") == len(subjects))
    pipeline.mill.fix("raise")
