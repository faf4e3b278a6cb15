"""What intake is made of; `chassis.service` runs it."""

from typing import Final

from chassis.service.declaration import Service
from intake.models import AUDIT, INBOX, OUTBOX
from intake.settings import Settings

SERVICE: Final = Service(
    name="intake",
    version="0.1.0",
    settings=Settings,
    outbox=OUTBOX,
    inbox=INBOX,
    audit=AUDIT,
    publishes={"intake.case.v1": ("case.submitted", "case.revised", "processing.stopped")},
    subscribes={
        "diagnosis.case.v1": ("assessment.completed", "processing.stopped"),
        "treatment.case.v1": ("plan.recommended", "plan.withheld", "processing.stopped"),
    },
    routes="intake.routes:ROUTES",
    api="intake.app.api:api",
    consumer="intake.app.consumer:consumer",
    unfinished="intake.use_cases:unfinished",
)
