"""What treatment is made of; `chassis.service` runs it."""

from typing import Final

from chassis.service.declaration import Service
from treatment.models import AUDIT, INBOX, OUTBOX
from treatment.settings import Settings

SERVICE: Final = Service(
    name="treatment",
    version="0.1.0",
    settings=Settings,
    outbox=OUTBOX,
    inbox=INBOX,
    audit=AUDIT,
    publishes={"treatment.case.v1": ("plan.recommended", "plan.withheld", "processing.stopped")},
    subscribes={"diagnosis.case.v1": ("assessment.completed",)},
    routes="treatment.routes:ROUTES",
    api="treatment.app.api:api",
    consumer="treatment.app.consumer:consumer",
)
