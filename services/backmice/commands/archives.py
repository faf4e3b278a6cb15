"""`backmice backup` and `backmice restore`."""

from pathlib import Path

import click

from backmice import backups
from backmice.commands.options import Failed, in_data_directory
from backmice.data_directory import DataDirectory


@click.command(help="write all data to one archive")
@in_data_directory(made=False)
@click.argument("archive")
def backup(folder: DataDirectory, archive: str) -> int:
    try:
        return backups.backup(folder, Path(archive))
    except backups.ArchiveUnusable as problem:
        raise Failed(str(problem)) from problem


@click.command(help="read all data from an archive")
@in_data_directory(made=True)
@click.argument("archive")
def restore(folder: DataDirectory, archive: str) -> int:
    try:
        return backups.restore(folder, Path(archive))
    except backups.ArchiveUnusable as problem:
        raise Failed(str(problem)) from problem
