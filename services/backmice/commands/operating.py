"""`backmice dead-letters`, `held`, `parked`, `release`, `republish`, `reset-offsets`.

Options are checked here, by the same rules as in the command of a service, and then handed to
that command as they were typed, without those that only `backmice` knows.
"""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, Final

import click

from backmice.commands.options import data_option, opened
from backmice.service_commands import operate
from backmice.topology import SERVICES
from chassis.messaging.operating.arguments import actions


def _own_options() -> list[click.Option]:
    return [
        data_option(),
        click.Option(["--service"], type=click.Choice(SERVICES), help="of which"),
    ]


def _act(options: SimpleNamespace) -> int:
    typed: Sequence[str] = click.get_current_context().obj
    folder = opened(options.data)
    arguments, file = _without_own_options(typed)
    spans = "" if file == "-" else file
    if getattr(options, "spans", None):
        arguments += ["--spans", "-"]
    return operate(folder, options.service, arguments, spans=spans, as_json=options.json)


def _without_own_options(typed: Sequence[str]) -> tuple[list[str], str]:
    """Return what is left of a command line, and the file that it names for `--spans`."""
    splitter = click.Command(
        "own",
        params=[
            *_own_options(),
            click.Option(["--spans"], default="-"),
            click.Argument(["rest"], nargs=-1, type=click.UNPROCESSED),
        ],
        context_settings={"ignore_unknown_options": True, "help_option_names": []},
    )
    values: dict[str, Any] = splitter.make_context("own", list(typed)).params
    return list(values["rest"]), values["spans"]


COMMANDS: Final = {command.name: command for command in actions(_act, _own_options)}
dead_letters = COMMANDS["dead-letters"]
held = COMMANDS["held"]
parked = COMMANDS["parked"]
release = COMMANDS["release"]
republish = COMMANDS["republish"]
reset_offsets = COMMANDS["reset-offsets"]
