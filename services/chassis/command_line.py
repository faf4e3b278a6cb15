"""Runs a click command as a process does: words on stderr, an exit code at the end."""

from collections.abc import Sequence

import click


def run(command: click.Command, program: str, arguments: Sequence[str] | None = None) -> int:
    """Run a command and return the exit code of the process.

    Args:
        command: its callback returns an exit code, or None for 0.
        program: how the command is called, for its help.
        arguments: those of this process unless given.

    Returns:
        What the callback returned; 2 if the command line is wrong, which is then said on stderr.
    """
    given = None if arguments is None else list(arguments)
    try:
        return int(command.main(given, program, standalone_mode=False) or 0)
    except click.ClickException as misuse:
        misuse.show()
        return misuse.exit_code
    except click.Abort:
        return 130
