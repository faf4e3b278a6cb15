"""What several commands share: the data directory, whose cases, and how they fail."""

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, Final

import click

from backmice.data_directory import DataDirectory, DirectoryInUse
from backmice.ports import PortTaken

EVERYBODY: Final = "without it everybody's cases are counted"
DATA: Final = "the data folder (DATA=; default: data)"
Callback = Callable[..., int]


class Failed(click.ClickException):
    """The command could not do its work; the sentence says why, the exit code is 1."""

    def show(self, file: Any = None) -> None:  # noqa: ARG002 - click's own signature
        """Print the sentence on stderr."""
        print(f"backmice: {self.message}", file=sys.stderr)


def data_option() -> click.Option:
    """Return the option that names the data directory."""
    return click.Option(["--data"], envvar="DATA", default="data", help=DATA)


def in_data_directory(*, made: bool) -> Callable[[Callback], Callback]:
    """Give a command the option `--data`, and the directory as its first argument.

    Args:
        made: Make the directory if it is not there; otherwise the command fails.
    """

    def decorate(callback: Callback) -> Callback:
        @click.option("--data", envvar="DATA", default="data", help=DATA)
        @wraps(callback)
        def run(*, data: str, **options: Any) -> int:
            directory = opened(data, made=made)
            try:
                return callback(directory, **options)
            except (DirectoryInUse, PortTaken) as problem:
                raise Failed(str(problem)) from problem

        return run

    return decorate


def opened(data: str, *, made: bool = False) -> DataDirectory:
    """Return a data directory.

    Raises:
        Failed: It is not there and shall not be made.
    """
    if not made and not Path(data).is_dir():
        raise Failed(f"nothing runs in {data}; start it with: make run")
    return DataDirectory.make(Path(data))
