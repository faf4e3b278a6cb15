"""How a service's own command is reached: as a process here, or in a container of its image."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from backmice.data_directory import DataDirectory
from backmice.profiles import Embedded, ProfileUnusable, Servers
from backmice.topology import REPOSITORY, SERVICES, Topology

SECRETS: Final = "BACKMICE_SECRETS"
"""How docker-compose.yml is told where its secrets are."""
_QUIET: Final = ("docker", "compose", "--progress", "quiet")
_COMPOSE: Final = (*_QUIET, "--project-directory", str(REPOSITORY))


class CommandRunner(Protocol):
    """How the command of each service is run."""

    def check(self) -> None:
        """Raises `ProfileUnusable` if no command can be run this way."""

    def present(self) -> list[str]:
        """Returns the services that have ever been started, as far as one can see from here."""

    def command(self, service: str, arguments: Sequence[str], *, seen: bool) -> list[str]:
        """Returns what to execute; `seen` when a person watches and types."""

    def environment(self, service: str) -> Mapping[str, str]:
        """Returns what it is to be told."""


@dataclass(frozen=True)
class ProcessRunner:
    """On this machine, on the databases and the log that a plan names."""

    plan: Topology

    def check(self) -> None:
        """A process can always be started."""

    def present(self) -> list[str]:
        """Returns those with a file; on servers that is for the server to say."""
        profile = self.plan.profile
        if not isinstance(profile, Embedded):
            return list(SERVICES)
        files = {name: profile.connections(name)["DATABASE_URL"] for name in SERVICES}
        return [name for name in SERVICES if os.path.exists(files[name].removeprefix("sqlite:///"))]  # noqa: PTH110

    def command(self, service: str, arguments: Sequence[str], *, seen: bool) -> list[str]:  # noqa: ARG002
        """Returns the service's own command."""
        return [sys.executable, "-m", service, "operate", *arguments]

    def environment(self, service: str) -> dict[str, str]:
        """Returns what the processes of the service are told."""
        return self.plan.environment(service) | {"LOG_FORMAT": "text"}


@dataclass(frozen=True)
class ContainerRunner:
    """In a container of its own from the service's image, which ends with the command.

    Not in one that runs: there its memory would be taken from the worker's, and one that starts
    again and again is just the one that somebody has to look at.

    Args:
        folder: The secrets of docker-compose.yml.
    """

    folder: DataDirectory

    def check(self) -> None:
        """Asks the engine, for Compose has one exit code for all that may be wrong."""
        asked = compose(self.folder, "ps", "--quiet")
        if asked.returncode:
            why = (asked.stderr.strip().splitlines() or ["it is silent"])[-1]
            raise ProfileUnusable(f"the containers cannot be asked, does Docker run? {why}")

    def present(self) -> list[str]:
        """Returns all: whether a database is there is for its server to say."""
        return list(SERVICES)

    def command(self, service: str, arguments: Sequence[str], *, seen: bool) -> list[str]:
        """Returns the service's own command, with what its worker reaches."""
        run = ("run", "--rm", "--no-deps", *(() if seen else ("--no-TTY",)))
        return [*_COMPOSE, *run, f"{service}-worker", "operate", *arguments]

    def environment(self, service: str) -> dict[str, str]:  # noqa: ARG002 - each has its own already
        """Returns what Compose needs to know."""
        return _told(self.folder)


def runner_of(folder: DataDirectory) -> CommandRunner:
    """Finds out how the services of a data folder are run.

    Raises:
        ProfileUnusable: They run on servers that this environment does not name.
    """
    if holds_containers(folder):
        return ContainerRunner(folder)
    profile = (folder.read_state() or {}).get("profile") or os.environ.get("PROFILE")
    servers = profile == Servers.name
    found = Servers.from_environment(SERVICES) if servers else Embedded(folder)
    return ProcessRunner(Topology(folder, "127.0.0.1", {}, found))


def holds_containers(folder: DataDirectory) -> bool:
    """Tells whether it is the folder of `make up`, which has secrets and no data."""
    return (folder.root / "databases").is_dir()


def compose(folder: DataDirectory, *words: str) -> "subprocess.CompletedProcess[str]":
    """Asks Compose something about the containers; without Docker it is a failure like others."""
    command = [*_COMPOSE, *words]
    try:
        return subprocess.run(
            command,
            env=_told(folder),
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError as missing:
        return subprocess.CompletedProcess(command, 127, "", str(missing))


def _told(folder: DataDirectory) -> dict[str, str]:
    return {**os.environ, SECRETS: str(folder.root)}
