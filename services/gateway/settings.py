"""What the gateway needs from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.routes import SERVICES


@dataclass(frozen=True)
class Settings:
    """Where the services are, and how many requests are answered at once."""

    addresses: Mapping[str, str]
    threads: int
    log_format: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Reads `INTAKE_URL`, `DIAGNOSIS_URL`, `TREATMENT_URL`, `THREADS` and `LOG_FORMAT`."""
        missing = [name for name in map(_variable, SERVICES) if not environment.get(name)]
        if missing:
            raise SystemExit(f"{', '.join(missing)} not set: give each service's http address")
        return cls(
            {name: environment[_variable(name)] for name in SERVICES},
            int(environment.get("THREADS", "64")),
            environment.get("LOG_FORMAT", "json"),
        )


def _variable(service: str) -> str:
    return f"{service.upper()}_URL"
