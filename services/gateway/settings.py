"""What the gateway needs from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from chassis.settings import SettingsError, env_int, env_str
from gateway.routes import SERVICES

THREADS: Final = 64


@dataclass(frozen=True)
class Settings:
    """Where the services are, and how many requests are answered at once."""

    addresses: Mapping[str, str]
    threads: int
    log_format: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read `INTAKE_URL`, `DIAGNOSIS_URL`, `TREATMENT_URL`, `THREADS` and `LOG_FORMAT`.

        Raises:
            SettingsError: One is missing or malformed; the sentence says which.
        """
        missing = [name for name in map(_variable, SERVICES) if not environment.get(name)]
        if missing:
            raise SettingsError(f"{', '.join(missing)} not set: give each service's http address")
        return cls(
            {name: environment[_variable(name)] for name in SERVICES},
            env_int("THREADS", THREADS, environ=environment),
            env_str("LOG_FORMAT", "json", environ=environment),
        )


def _variable(service: str) -> str:
    return f"{service.upper()}_URL"
