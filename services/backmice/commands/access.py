"""`backmice token`."""

import click

from backmice.commands.options import Failed, in_data_directory
from backmice.data_directory import DataDirectory
from backmice.tokens import SCOPES, mint


@click.command(help="print a token for the embedded default")
@in_data_directory(made=False)
@click.option("--tenant", default="demo", show_default=True)
@click.option("--client", default="demo-client", show_default=True)
@click.option("--scope", default="", help="all scopes without it")
@click.option("--hours", type=float, default=12.0, show_default=True)
def token(folder: DataDirectory, tenant: str, client: str, scope: str, hours: float) -> int:
    try:
        print(mint(folder, tenant, client, scope or SCOPES, hours))
    except ValueError as problem:
        raise Failed(str(problem)) from problem
    return 0
