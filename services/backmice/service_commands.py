"""An operator's hands on all services at once: each is asked by its own command."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import nullcontext
from dataclasses import dataclass
from typing import IO, Any, Final, NamedTuple, TypeVar

from backmice.command_runners import CommandRunner, runner_of
from backmice.data_directory import DataDirectory
from backmice.profiles import ProfileUnusable
from chassis.messaging.operating.operations import Progress, unheard
from chassis.messaging.operating.printing import show

WELL, FOUND, MISUSED, FAILED = 0, 1, 2, 3
"""Exit codes: all is well; something needs a person; a wrong command line; it could not be done."""
LISTS: Final = frozenset({"list", "held", "parked"})
T = TypeVar("T")


class CommandFailed(Exception):
    """A service's command could not do what it was asked for; the sentence is its own."""


class Output(NamedTuple):
    """What a service's command has printed: objects for us, and sentences for people."""

    entries: list[dict[str, Any]]
    said: str


@dataclass(frozen=True)
class ServiceCommands:
    """All services of a data folder, as their commands see them.

    Args:
        way: How these are run.
    """

    way: CommandRunner

    @classmethod
    def of(cls, folder: DataDirectory) -> "ServiceCommands":
        """Finds out how they are run.

        Raises:
            ProfileUnusable: They run on servers that this environment does not name, or in
                containers whose engine does not answer.
        """
        way = runner_of(folder)
        way.check()
        return cls(way)

    def present(self) -> list[str]:
        """Returns those that have ever been started."""
        return self.way.present()

    def run(self, service: str, arguments: Sequence[str], told: IO[bytes] | None = None) -> int:
        """Lets a service's command speak for itself; returns its exit code."""
        seen = told is None and sys.stdin.isatty() and sys.stdout.isatty()
        command = self.way.command(service, arguments, seen=seen)
        environment = self.way.environment(service)
        return subprocess.run(command, env=environment, stdin=told, check=False).returncode

    def query(self, service: str, *arguments: str, told: str = "") -> Output:
        """Returns what a service's command answers.

        Raises:
            CommandFailed: It failed.
        """
        done = subprocess.run(
            self.way.command(service, arguments, seen=False),
            env=self.way.environment(service),
            input=told.encode(),
            capture_output=True,
            check=False,
        )
        said = done.stderr.decode(errors="replace").strip()
        # who has found something tells what; without a word it is another program that failed
        if done.returncode not in {WELL, FOUND} or (done.returncode == FOUND and not done.stdout):
            raise CommandFailed(said or f"{service} failed")
        return Output([json.loads(line) for line in done.stdout.splitlines()], said)

    def query_all(
        self, questions: Mapping[T, tuple[str, ...]], progress: Progress = unheard
    ) -> dict[T, Output]:
        """Asks side by side; the first word of a question is the service.

        Args:
            questions: By any name.
            progress: Told after each answer.
        """
        with ThreadPoolExecutor(max_workers=max(1, len(questions))) as pool:
            asked = {pool.submit(self.query, *words): key for key, words in questions.items()}
            found = {}
            for future in as_completed(asked):
                found[asked[future]] = future.result()
                progress(len(found), len(asked))
        return {key: found[key] for key in questions}

    def health(self, *whose: str) -> dict[str, dict[str, Any]]:
        """Returns how each service does.

        Args:
            whose: The option that says whose cases are counted, if not everybody's.

        Raises:
            CommandFailed: One cannot say.
        """
        asked = {name: (name, "health", "--json", *whose) for name in self.present()}
        return {name: answer.entries[0] for name, answer in self.query_all(asked).items()}


def operate(
    folder: DataDirectory,
    service: str | None,
    arguments: Sequence[str],
    *,
    spans: str,
    as_json: bool,
) -> int:
    """Does with one service what is asked, or lists what there is in all.

    Args:
        folder: Where the data are.
        service: Which; None only for lists.
        arguments: As the service's own command takes them.
        spans: A file for its standard input, for it may not see our files; empty without one.
        as_json: Whether a list is printed as JSON lines.
    """
    try:
        services = ServiceCommands.of(folder)
        if service is not None:
            with open(spans, "rb") if spans else nullcontext() as told:  # noqa: PTH123
                return services.run(service, arguments, told)
        if not LISTS & set(arguments[:2]):
            return _say("say which service: --service intake, diagnosis or treatment", MISUSED)
        words = [word for word in arguments if word != "--json"]
        found = services.query_all({name: (name, *words, "--json") for name in services.present()})
    except OSError as error:
        return _say(f"{spans} cannot be read: {error.strerror}", MISUSED)
    except (CommandFailed, ProfileUnusable) as problem:
        return _say(str(problem), FAILED)
    return _list(found, as_json=as_json)


def _list(found: Mapping[str, Output], *, as_json: bool) -> int:
    entries = [{"service": name, **entry} for name in found for entry in found[name].entries]
    show(entries, as_json=as_json, empty="nothing")
    for answer in found.values():
        if answer.said:  # such as that there are more
            print(answer.said, file=sys.stderr)
    return WELL


def _say(sentence: str, code: int) -> int:
    print(f"backmice: {sentence}", file=sys.stderr)
    return code
