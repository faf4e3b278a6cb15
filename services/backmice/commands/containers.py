"""`backmice secrets` and `backmice announce`."""

import sys

import click

from backmice.commands.options import in_data_directory
from backmice.containers import announce as print_address
from backmice.containers import make_secrets
from backmice.data_directory import DataDirectory


@click.command(help="make the passwords and keys of the containers that are missing")
@in_data_directory(made=True)
def secrets(folder: DataDirectory) -> int:
    for path in make_secrets(folder):
        print(f"backmice: made {path}", file=sys.stderr)
    return 0


@click.command(help="say where the containers are reached, with a token")
@in_data_directory(made=True)
@click.option("--address", default="http://127.0.0.1:8080", show_default=True)
def announce(folder: DataDirectory, address: str) -> int:
    print_address(folder, address)
    return 0
