"""The route that turns a submission into facts and stores nothing."""

import datetime as dt
from typing import Protocol

from chassis import clock
from chassis.http.routing import Request, Response, ResponseSpec, Routes
from intake import schemas
from intake.case import Findings, prepare
from intake.routes import examples
from intake.routes.problems import CONTRADICTORY
from intake.schemas import answers

PREPARATION = Routes("preparation")


class Dependencies(Protocol):
    """What the route needs of all that intake's routes have."""

    @property
    def findings(self) -> Findings:
        """What the vocabulary says."""


@PREPARATION.route(
    "POST",
    "/v1/cases:prepare",
    scope="evaluate",
    body=schemas.PREPARE,
    examples={"minimal": examples.PREPARE},
    responses={
        200: ResponseSpec(
            "The facts as an event would carry them: days ago instead of dates, and the record of "
            "care. `POST /v1/assessments:evaluate` and `POST /v1/plans:evaluate` take them.",
            answers.Prepared,
        )
    },
    problems=(CONTRADICTORY,),
)
def prepare_case(request: Request, dependencies: Dependencies) -> Response:
    """Turns a case that is sent along into facts, and forgets it.

    Days ago instead of dates, and the record of care derived. Send the answer as it is to
    `POST /v1/assessments:evaluate`, and with its `assessment` to `POST /v1/plans:evaluate`.
    """
    sent = dict(request.body)
    sent.pop("reference", None)
    on = dt.date.fromisoformat(day) if (day := sent.pop("on", None)) else clock.today()
    return Response({"on": on.isoformat(), "facts": prepare(dependencies.findings, sent, on)})
