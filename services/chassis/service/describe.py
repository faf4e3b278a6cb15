"""The role `describe`: prints what a service publishes, subscribes to and answers."""

import json
from typing import Any

from chassis.http import openapi
from chassis.service.declaration import Service, resolve


def run(declaration: str) -> int:
    """Print the description as JSON; returns the exit code.

    Args:
        declaration: Import string of the `Service`.
    """
    print(json.dumps(describe(resolve(declaration)), indent=2))  # noqa: T201 - a command prints
    return 0


def describe(service: Service) -> dict[str, Any]:
    """Return topics and events by direction, and the API description."""
    return {
        "service": service.name,
        "version": service.version,
        "publishes": {topic: list(types) for topic, types in service.publishes.items()},
        "subscribes": {topic: sorted(types) for topic, types in service.subscribes.items()},
        "openapi": openapi.describe(service.name, service.version, resolve(service.routes)),
    }
