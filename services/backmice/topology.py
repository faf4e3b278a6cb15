"""Which processes make up the system, and what each of them is told."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from backmice.data_directory import DataDirectory
from backmice.profiles import Profile

SERVICES: Final = ("intake", "diagnosis", "treatment")
SOURCES: Final = Path(__file__).parents[1]
REPOSITORY: Final = SOURCES.parent

API_THREADS: Final = {"intake": 48, "diagnosis": 16, "treatment": 16}
"""Intake's may wait for results, so it has more than the 32 that it lets wait."""
GATEWAY_THREADS: Final = 96
"""More than all threads behind it that may be held."""

_PASSED: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "CRASH_AT", "CRASH_DIR")


@dataclass(frozen=True)
class Task:
    """One process: a name, a command, an environment."""

    name: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def command(self) -> list[str]:
        """What to execute."""
        return [sys.executable, "-m", *self.arguments]


@dataclass(frozen=True)
class Topology:
    """Everything that will run."""

    folder: DataDirectory
    host: str
    ports: Mapping[str, int]
    profile: Profile

    @property
    def address(self) -> str:
        """Where clients go."""
        shown = "127.0.0.1" if self.host == "0.0.0.0" else self.host  # noqa: S104 - compared, not bound
        return f"http://{shown}:{self.ports['gateway']}"

    def migrations(self) -> list[Task]:
        """Returns the processes that bring each database up to date."""
        return [
            Task(f"{name}-migrate", (name, "migrate"), self.environment(name)) for name in SERVICES
        ]

    def preparations(self) -> list[Task]:
        """Returns what must be done before anything else starts, in any order."""
        topics = ("backmice", "topics", *self.profile.topics())
        told = self.profile.connections(SERVICES[0]).items()
        kafka = {name: value for name, value in told if name.startswith("KAFKA_")}
        return [*self.migrations(), Task("topics", topics, self._common("topics") | kafka)]

    def processes(self) -> list[Task]:
        """Returns the processes that run until the end, the slowest to start first."""
        apis = [self._api(name) for name in SERVICES]
        others = [
            self._other(name, role, arguments)
            for name in SERVICES
            for role, arguments in self.profile.background.items()
        ]
        return [*apis, *others, self._gateway()]

    def _other(self, name: str, role: str, arguments: tuple[str, ...]) -> Task:
        port = self.ports.get(f"{name}-{role}")
        watched = {"METRICS_PORT": str(port)} if port else {}
        return Task(f"{name}-{role}", (name, *arguments), self.environment(name) | watched)

    def _api(self, name: str) -> Task:
        listen = {
            "HOST": "127.0.0.1",
            "PORT": str(self.ports[name]),
            "THREADS": str(API_THREADS[name]),
        }
        return Task(f"{name}-api", (name, "api"), self.environment(name) | listen)

    def environment(self, name: str) -> dict[str, str]:
        """Returns what every process of a service is told, an operator's command included."""
        own = {
            "RUN_DIR": str(self.folder.service(name) / "run"),
            "JWKS_FILE": str(self.folder.jwks),
            "TOKEN_AUDIENCE": "backmice",
        }
        return self._common(name) | own | self.profile.connections(name)

    def _gateway(self) -> Task:
        addresses = {
            f"{name.upper()}_URL": f"http://127.0.0.1:{self.ports[name]}" for name in SERVICES
        }
        listen = {
            "HOST": self.host,
            "PORT": str(self.ports["gateway"]),
            "THREADS": str(GATEWAY_THREADS),
        }
        return Task("gateway-api", ("gateway", "api"), self._common("gateway") | addresses | listen)

    def _common(self, name: str) -> dict[str, str]:
        passed = {key: os.environ[key] for key in _PASSED if key in os.environ}
        return passed | {
            "PYTHONPATH": str(SOURCES),
            "PYTHONUNBUFFERED": "1",
            "MALLOC_ARENA_MAX": "2",  # threads by the dozen, memory by the megabyte
            "GRACE_S": "1",
            "SERVICE": name,
            "LOG_FORMAT": os.environ.get("LOG_FORMAT", "json"),
            "GUNICORN_CONF": str(REPOSITORY / "deploy" / "gunicorn.conf.py"),
        }
