"""Runs the `operate` command of services, one or all of them."""

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
    """A service's command failed; the sentence is its own."""


class Output(NamedTuple):
    """What a service's command printed: objects on stdout, sentences on stderr."""

    entries: list[dict[str, Any]]
    messages: str


@dataclass(frozen=True)
class ServiceCommands:
    """The commands of all services of a data directory.

    Args:
        runner: How they are run.
    """

    runner: CommandRunner

    @classmethod
    def of(cls, folder: DataDirectory) -> "ServiceCommands":
        """Find out how they are run.

        Raises:
            ProfileUnusable: They run on servers that this environment does not name, or in
                containers whose engine does not answer.
        """
        runner = runner_of(folder)
        runner.check()
        return cls(runner)

    def present(self) -> list[str]:
        """Return those that have ever been started."""
        return self.runner.present()

    def run(self, service: str, arguments: Sequence[str], stdin: IO[bytes] | None = None) -> int:
        """Run a service's command on this terminal; returns its exit code."""
        interactive = stdin is None and sys.stdin.isatty() and sys.stdout.isatty()
        command = self.runner.command(service, arguments, interactive=interactive)
        environment = self.runner.environment(service)
        return subprocess.run(command, env=environment, stdin=stdin, check=False).returncode

    def query(self, service: str, *arguments: str, stdin: str = "") -> Output:
        """Return what a service's command prints.

        Raises:
            CommandFailed: It failed.
        """
        done = subprocess.run(
            self.runner.command(service, arguments, interactive=False),
            env=self.runner.environment(service),
            input=stdin.encode(),
            capture_output=True,
            check=False,
        )
        messages = done.stderr.decode(errors="replace").strip()
        # a command that has found something prints it; without output another program has failed
        if done.returncode not in {WELL, FOUND} or (done.returncode == FOUND and not done.stdout):
            raise CommandFailed(messages or f"{service} failed")
        return Output([json.loads(line) for line in done.stdout.splitlines()], messages)

    def query_all(
        self, queries: Mapping[T, tuple[str, ...]], progress: Progress = unheard
    ) -> dict[T, Output]:
        """Run commands side by side; the first word of each is the service.

        Args:
            queries: By any name.
            progress: Called after each output.
        """
        with ThreadPoolExecutor(max_workers=max(1, len(queries))) as pool:
            keys = {pool.submit(self.query, *words): key for key, words in queries.items()}
            outputs = {}
            for future in as_completed(keys):
                outputs[keys[future]] = future.result()
                progress(len(outputs), len(keys))
        return {key: outputs[key] for key in queries}

    def health(self, *options: str) -> dict[str, dict[str, Any]]:
        """Return the health of each service.

        Args:
            options: Such as `--tenant`.

        Raises:
            CommandFailed: A command failed.
        """
        queries = {name: (name, "health", "--json", *options) for name in self.present()}
        return {name: output.entries[0] for name, output in self.query_all(queries).items()}


def operate(
    folder: DataDirectory,
    service: str | None,
    arguments: Sequence[str],
    *,
    spans: str,
    as_json: bool,
) -> int:
    """Run the command of one service, or list what there is in all.

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
            with open(spans, "rb") if spans else nullcontext() as stdin:  # noqa: PTH123
                return services.run(service, arguments, stdin)
        if not LISTS & set(arguments[:2]):
            return _print_sentence(
                "say which service: --service intake, diagnosis or treatment", MISUSED
            )
        words = [word for word in arguments if word != "--json"]
        outputs = services.query_all(
            {name: (name, *words, "--json") for name in services.present()}
        )
    except OSError as error:
        return _print_sentence(f"{spans} cannot be read: {error.strerror}", MISUSED)
    except (CommandFailed, ProfileUnusable) as problem:
        return _print_sentence(str(problem), FAILED)
    return _list(outputs, as_json=as_json)


def _list(outputs: Mapping[str, Output], *, as_json: bool) -> int:
    entries = [{"service": name, **entry} for name in outputs for entry in outputs[name].entries]
    show(entries, as_json=as_json, empty="nothing")
    for output in outputs.values():
        if output.messages:  # such as that there are more
            print(output.messages, file=sys.stderr)
    return WELL


def _print_sentence(sentence: str, code: int) -> int:
    print(f"backmice: {sentence}", file=sys.stderr)
    return code
