"""`backmice demo`."""

from pathlib import Path

import click

from backmice import demo as demonstration
from backmice.commands.options import in_data_directory
from backmice.data_directory import DataDirectory


@click.command(help="submit the README's case and print what comes back")
@in_data_directory(made=False)
@click.option("--json", "as_json", is_flag=True, help="print JSON instead of text")
@click.option("--file", default="", help="another case file")
def demo(folder: DataDirectory, file: str, as_json: bool) -> int:
    return demonstration.demo(folder, Path(file) if file else None, as_json=as_json)
