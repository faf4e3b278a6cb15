"""What diagnosis is made of; `chassis.service` runs it."""

from typing import Final

from chassis.service.declaration import Service
from diagnosis.models import AUDIT, INBOX, OUTBOX
from diagnosis.settings import Settings

SERVICE: Final = Service(
    name="diagnosis",
    version="0.1.0",
    settings=Settings,
    outbox=OUTBOX,
    inbox=INBOX,
    audit=AUDIT,
    publishes={
        "diagnosis.case.v1": ("red-flag.raised", "assessment.completed", "processing.stopped")
    },
    subscribes={"intake.case.v1": ("case.submitted", "case.revised")},
    routes="diagnosis.routes:ROUTES",
    api="diagnosis.app.api:api",
    consumer="diagnosis.app.consumer:consumer",
)
