"""The containers of docker-compose.yml, unmodified, as a project of their own."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import urllib3
from tests.system.product import ROOT, Reply, eventually, free_port

SERVICES = ("intake", "diagnosis", "treatment")
KINDS = ("api", "relay", "worker")
ROLES = tuple(f"{service}-{kind}" for kind in KINDS for service in SERVICES)
LASTING = ("gateway", "description", *ROLES, "kafka", "postgres")
ONCE = ("topics", *(f"{service}-migrate" for service in SERVICES))
IMAGES = {
    "backmice-intake": "intake",
    "backmice-diagnosis": "diagnosis",
    "backmice-treatment": "treatment",
    "backmice-gateway": "gateway",
    "backmice-operator": "backmice",
}
UP_S = 900.0
HEALTHY_S = 300.0
_MAKE = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "ARGS", "JSON", "PORT", "DATA")


def run(*command: str, check: bool = True, environment: Mapping[str, str] | None = None) -> Any:
    """Runs a command; what it wrote is in the failure if it fails."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=UP_S,
        check=False,
    )
    if check:
        assert done.returncode == 0, (
            f"{' '.join(command)}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        )
    return done


def docker(*arguments: str, check: bool = True) -> str:
    """What a docker command prints."""
    output: str = run("docker", *arguments, check=check).stdout.strip()
    return output


@dataclass
class Stack:
    """One project of containers."""

    secrets: Path
    project: str = f"backmice-test-{os.getpid()}"
    port: int = field(default_factory=free_port)
    token: str = ""
    pool: urllib3.PoolManager = field(
        default_factory=lambda: urllib3.PoolManager(maxsize=32, retries=False, timeout=60)
    )

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in _MAKE}
        return kept | {
            "COMPOSE_PROJECT_NAME": self.project,
            "BACKMICE_SECRETS": str(self.secrets),
            "BACKMICE_PORT": str(self.port),
        }

    def make(self, target: str, *more: str, check: bool = True) -> Any:
        """A command of the Makefile for this project; its data folder does not exist."""
        output = (f"PORT={self.port}", f"SECRETS={self.secrets}", "DATA=/nonexistent", *more)
        return run("make", target, *output, check=check, environment=self.environment)

    def compose(self, *arguments: str) -> str:
        output: str = run("docker", "compose", *arguments, environment=self.environment).stdout
        return output

    def backmice(self, *words: str) -> Any:
        """The operator's command; by the folder it finds out how the system runs."""
        settings = self.environment | {
            "DATA": str(self.secrets),
            "PYTHONPATH": str(ROOT / "services"),
        }
        return run(sys.executable, "-m", "backmice", *words, check=False, environment=settings)

    def up(self) -> str:
        """Starts everything as users do, and returns what they see."""
        output: str = self.make("up").stdout
        self.token = self.make("token").stdout.strip()
        return output

    def down(self) -> None:
        """Stops everything; the data stay."""
        self.make("down")

    def remove(self) -> None:
        """Takes away the containers with their data."""
        self.compose("down", "--volumes", "--remove-orphans", "--timeout", "2")

    def container(self, service: str) -> str:
        """The name of a service's container."""
        return f"{self.project}-{service}-1"

    def inspect(self, service: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(docker("inspect", self.container(service)))[0]
        return found

    def kill(self, service: str) -> None:
        docker("kill", self.container(service))

    def start(self, service: str) -> None:
        """Starts a container again and waits until it is healthy."""
        docker("start", self.container(service))
        self.await_health(service)

    def healthy(self, service: str) -> bool:
        state = self.inspect(service)["State"]
        return bool(state["Running"] and state["Health"]["Status"] == "healthy")

    def await_health(self, *services: str) -> None:
        for service in services:
            eventually(lambda name=service: self.healthy(name), f"health of {service}", HEALTHY_S)

    def execute(self, service: str, *command: str, check: bool = True) -> Any:
        """Runs a command in a container."""
        return run("docker", "exec", self.container(service), *command, check=check)

    def query(self, service: str, statement: str) -> list[list[str]]:
        """Asks a service's database, by psql in its container."""
        flags = ("--no-psqlrc", "--tuples-only", "--no-align", "--field-separator", "\t")
        ask = ("psql", *flags, "--dbname", service, "--command", statement)
        answer = self.execute("postgres", *ask)
        return [line.split("\t") for line in answer.stdout.splitlines() if line]

    def audited(self, service: str) -> dict[str, Counter[str]]:
        """What a service did, per case: how often each action."""
        found: dict[str, Counter[str]] = {}
        for subject, action, times in self.query(
            service, "SELECT subject, action, count(*) FROM audit GROUP BY subject, action"
        ):
            found.setdefault(subject, Counter())[action] = int(times)
        return found

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        """One request through the gateway; header names with underscores for dashes."""
        named = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        sent = body if body is None or isinstance(body, bytes) else orjson.dumps(body)
        answer = self.pool.request(method, self.address + path, body=sent, headers=named)
        lowered = {name.lower(): value for name, value in answer.headers.items()}
        return Reply(answer.status, lowered, answer.data)
