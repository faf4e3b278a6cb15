"""`python -m gateway api` serves the gateway."""

import sys

import click

from chassis import command_line
from chassis.http.server import serve


@click.group(help="Runs the gateway.")
def gateway() -> None:
    """One role, named as those of the other services."""


@gateway.command(help="serve the HTTP interface")
def api() -> int:
    serve("gateway.app:api()")
    return 0


if __name__ == "__main__":
    sys.exit(command_line.run(gateway, "python -m gateway"))
