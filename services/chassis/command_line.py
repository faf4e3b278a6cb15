"""Runs a click command as a process does: words on stderr, an exit code at the end."""

import pkgutil
from collections.abc import Mapping, Sequence
from typing import Any

import click


def run(command: click.Command, program: str, arguments: Sequence[str] | None = None) -> int:
    """Run a command and return the exit code of the process.

    Args:
        command: its callback returns an exit code, or None for 0.
        program: how the command is called, for its help.
        arguments: those of this process unless given.

    Returns:
        What the callback returned; 2 if the command line is wrong, and stderr says why.
    """
    given = None if arguments is None else list(arguments)
    try:
        return int(command.main(given, program, standalone_mode=False) or 0)
    except click.ClickException as misuse:
        misuse.show()
        return misuse.exit_code
    except click.Abort:
        return 130


class LazyGroup(click.Group):
    """A group that imports the module of a subcommand when that is run.

    Args:
        imports: Name of each subcommand -> its import string (`package.module:command`).
    """

    def __init__(self, *, imports: Mapping[str, str], **settings: Any) -> None:
        super().__init__(**settings)
        self.imports = imports

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        """Return the names in the order of declaration."""
        return list(self.imports)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a subcommand."""
        if cmd_name not in self.imports:
            return None
        command: click.Command = pkgutil.resolve_name(self.imports[cmd_name])
        return command
