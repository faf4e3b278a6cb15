"""`backmice status` and `backmice doctor`."""

import click

from backmice import status as report
from backmice.commands.options import EVERYBODY, in_data_directory
from backmice.data_directory import DataDirectory


@click.command(help="say what runs, how each service does, and what needs somebody")
@in_data_directory(made=False)
@click.option("--tenant", default="", help=f"of this tenant only; {EVERYBODY}")
@click.option("--json", "as_json", is_flag=True, help="print one JSON object")
def status(folder: DataDirectory, tenant: str, as_json: bool) -> int:
    return report.status(folder, tenant, as_json=as_json)


@click.command(help="check what a run needs")
@in_data_directory(made=True)
def doctor(folder: DataDirectory) -> int:
    return report.doctor(folder)
