"""Which service answers which path."""

import re
from typing import Final

SERVICES: Final = ("intake", "diagnosis", "treatment")

ROUTES: Final = (
    (re.compile(r"/v1/cases/[^/]+/revisions/[^/]+/assessment(/.*)?"), "diagnosis"),
    (re.compile(r"/v1/assessments:evaluate"), "diagnosis"),
    (re.compile(r"/v1/rules(/.*)?"), "diagnosis"),
    (re.compile(r"/v1/rulesets"), "diagnosis"),
    (re.compile(r"/v1/cases/[^/]+/revisions/[^/]+/plan(/.*)?"), "treatment"),
    (re.compile(r"/v1/plans:evaluate"), "treatment"),
    (re.compile(r"/v1/guidance(/.*)?"), "treatment"),
    (re.compile(r"/v1/cases:prepare"), "intake"),
    (re.compile(r"/v1/cases(/.*)?"), "intake"),
    (re.compile(r"/v1/vocabulary(/.*)?"), "intake"),
)
"""The first match decides, so that the narrow stand before the wide."""


def service_for(path: str) -> str | None:
    """Returns the service that answers a decoded path; probes and figures are not routed."""
    return next((service for pattern, service in ROUTES if pattern.fullmatch(path)), None)
