"""An operator's hands on all services at once: each is asked by its own command."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from backmice.folder import Folder
from backmice.plan import SERVICES, Plan
from backmice.profiles import Embedded, ProfileUnusable, Servers
from chassis.messaging.operating.printing import show

WELL, FOUND, MISUSED, FAILED = 0, 1, 2, 3
"""Exit codes: all is well; something needs a person; a wrong command line; it could not be done."""
LISTS: Final = frozenset({"list", "held"})


class NotAnswered(Exception):
    """A service's command could not do what it was asked for; the sentence is its own."""


@dataclass(frozen=True)
class Services:
    """All services of a data folder, as their commands see them.

    Args:
        plan: What each of them is told.
    """

    plan: Plan

    @classmethod
    def of(cls, folder: Folder) -> "Services":
        """Finds out how they are run: as the note of the run says, embedded without one.

        Raises:
            ProfileUnusable: They run on servers that this environment does not name.
        """
        profile = (folder.read_note() or {}).get("profile") or os.environ.get("PROFILE")
        servers = profile == Servers.name
        found = Servers.from_environment(SERVICES) if servers else Embedded(folder)
        return cls(Plan(folder, "127.0.0.1", {}, found))

    def present(self) -> list[str]:
        """Returns those that have ever been started; on servers that is for the server to say."""
        profile = self.plan.profile
        if not isinstance(profile, Embedded):
            return list(SERVICES)
        files = {name: profile.told(name)["DATABASE_URL"] for name in SERVICES}
        return [name for name in SERVICES if os.path.exists(files[name].removeprefix("sqlite:///"))]  # noqa: PTH110

    def run(self, service: str, arguments: Sequence[str]) -> int:
        """Lets a service's command speak for itself; returns its exit code."""
        return subprocess.run(
            self._command(service, arguments), env=self._environment(service), check=False
        ).returncode

    def ask(self, service: str, *arguments: str, told: str = "") -> list[dict[str, Any]]:
        """Returns what a service's command answers.

        Raises:
            NotAnswered: It failed.
        """
        done = subprocess.run(
            self._command(service, arguments),
            env=self._environment(service),
            input=told.encode(),
            capture_output=True,
            check=False,
        )
        if done.returncode not in {WELL, FOUND}:
            raise NotAnswered(done.stderr.decode(errors="replace").strip() or f"{service} failed")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def ask_all(self, questions: Mapping[Any, tuple[str, ...]]) -> dict[Any, list[dict[str, Any]]]:
        """Asks side by side; the first word of a question is the service."""
        with ThreadPoolExecutor(max_workers=max(1, len(questions))) as pool:
            asked = {key: pool.submit(self.ask, *words) for key, words in questions.items()}
            return {key: future.result() for key, future in asked.items()}

    def health(self) -> dict[str, dict[str, Any]]:
        """Returns how each service does.

        Raises:
            NotAnswered: One cannot say.
        """
        found = self.ask_all({name: (name, "health", "--json") for name in self.present()})
        return {name: entries[0] for name, entries in found.items()}

    def _command(self, service: str, arguments: Sequence[str]) -> list[str]:
        return [sys.executable, "-m", service, "operate", *arguments]

    def _environment(self, service: str) -> dict[str, str]:
        return self.plan.environment(service) | {"LOG_FORMAT": "text"}


def operate(folder: Folder, service: str | None, arguments: Sequence[str], *, as_json: bool) -> int:
    """Does with one service what is asked, or lists what there is in all.

    Args:
        folder: Where the data are.
        service: Which; None only for lists.
        arguments: As the service's own command takes them.
        as_json: Whether a list is printed as JSON lines.
    """
    try:
        services = Services.of(folder)
        if service is not None:
            return services.run(service, arguments)
        if not LISTS & set(arguments[:2]):
            return _say("say which service: --service intake, diagnosis or treatment", MISUSED)
        words = [word for word in arguments if word != "--json"]
        found = services.ask_all({name: (name, *words, "--json") for name in services.present()})
    except (NotAnswered, ProfileUnusable) as problem:
        return _say(str(problem), FAILED)
    entries = [{"service": name, **entry} for name in found for entry in found[name]]
    show(entries, as_json=as_json, empty="nothing")
    return WELL


def _say(sentence: str, code: int) -> int:
    print(f"backmice: {sentence}", file=sys.stderr)
    return code
