"""`python -m tools.migrations [--first] [--message TEXT] [SERVICE…]`: writes the next revision."""

import sys
from pathlib import Path
from typing import Final

import click
from tools.migrations.revisions import write

from chassis import command_line

SERVICES: Final = ("intake", "diagnosis", "treatment")
SOURCES: Final = Path(__file__).parents[2] / "services"


@click.command(help="Writes the next revision of each service whose models have changed.")
@click.argument("services", nargs=-1, type=click.Choice(SERVICES))
@click.option("--message", default="change", show_default=True, help="what it does, in a few words")
@click.option(
    "--first", is_flag=True, help="drop all revisions and write one that makes the tables"
)
def main(services: tuple[str, ...], message: str, first: bool) -> None:
    for service in services or SERVICES:
        path = write(SOURCES / service, "first schema" if first else message, anew=first)
        print(f"{service}: {path.relative_to(SOURCES) if path else 'nothing has changed'}")


if __name__ == "__main__":
    sys.exit(command_line.run(main, "python -m tools.migrations"))
