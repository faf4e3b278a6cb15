"""The problems that only a gateway can have."""

from typing import Final

from chassis.http.errors import ProblemType

SERVICE_AWAY: Final = ProblemType(
    "service-unavailable",
    503,
    "A service behind the gateway cannot be reached",
    "The request was not delivered and nothing was stored. Repeat it after `Retry-After`, "
    "a POST with the same `Idempotency-Key`.",
)
SERVICE_BROKE_OFF: Final = ProblemType(
    "bad-gateway",
    502,
    "A service behind the gateway broke off",
    "It may or may not have stored something. Repeat it with the same `Idempotency-Key`.",
)
SERVICE_SILENT: Final = ProblemType(
    "gateway-timeout",
    504,
    "A service behind the gateway did not answer in time",
    "It may or may not have stored something. Repeat it with the same `Idempotency-Key`.",
)
LENGTH_INVALID: Final = ProblemType(
    "invalid-content-length", 400, "The Content-Length is not a number", "Send the length in bytes."
)
MALFORMED_REQUEST: Final = ProblemType(
    "malformed-request",
    400,
    "The request is not HTTP as we read it",
    "Send HTTP/1.1 with at most 8 KiB of address and of each header.",
)
TOO_MANY: Final = ProblemType(
    "too-many-requests",
    429,
    "Too many requests at once",
    "Nothing was stored. Repeat the request after `Retry-After`.",
)

IN_CONTAINERS: Final = (MALFORMED_REQUEST, TOO_MANY)
"""Only the door of the containers says these; its texts are in deploy/gateway/nginx.conf."""
ALL: Final = (SERVICE_AWAY, SERVICE_BROKE_OFF, SERVICE_SILENT, LENGTH_INVALID, *IN_CONTAINERS)
