"""`backmice up`."""

from typing import Final

import click

from backmice.commands.options import Failed, in_data_directory
from backmice.data_directory import DataDirectory
from backmice.profiles import Embedded, ProfileUnusable, Servers
from backmice.supervisor import StartFailed, Supervisor
from backmice.topology import SERVICES

DEFAULT_PORT: Final = 8080


@click.command(help="start everything and watch it until Ctrl-C")
@in_data_directory(made=True)
@click.option("--host", envvar="HOST", default="127.0.0.1", show_default=True)
@click.option("--port", envvar="PORT", type=int, default=DEFAULT_PORT, show_default=True)
@click.option("--profile", type=click.Choice(["embedded", "servers"]), default="embedded")
@click.option("--end-with-parent", is_flag=True, help="stop when the caller is gone")
def up(folder: DataDirectory, host: str, port: int, profile: str, end_with_parent: bool) -> int:
    try:
        chosen = Servers.from_environment(SERVICES) if profile == Servers.name else Embedded(folder)
        return Supervisor(folder, host, port, end_with_parent, chosen).run()
    except (StartFailed, ProfileUnusable) as problem:
        raise Failed(str(problem)) from problem
