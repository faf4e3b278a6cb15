"""Figures of a running process, for Prometheus: counts, durations, and how they are served."""

from typing import Final

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

BUCKETS: Final = (
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
    30.0,
)
MEDIA_TYPE: Final = CONTENT_TYPE_LATEST

REQUESTS: Final = Histogram(
    "http_server_request_duration_seconds",
    "Time from the first byte read to the answer handed over.",
    ("http_request_method", "http_route", "http_response_status_code"),
    buckets=BUCKETS,
)
ACTIVE_REQUESTS: Final = Gauge("http_server_active_requests", "Requests being answered.")
PROBLEMS: Final = Counter("http_server_problems_total", "Answers that are problems.", ("type",))


def expose() -> bytes:
    """Returns every figure of this process in Prometheus' text form."""
    return generate_latest(REGISTRY)


__all__ = [
    "ACTIVE_REQUESTS",
    "BUCKETS",
    "MEDIA_TYPE",
    "PROBLEMS",
    "REQUESTS",
    "Counter",
    "Gauge",
    "Histogram",
    "expose",
]
