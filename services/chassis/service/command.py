"""`python -m <service> api | worker [--with-relay] | relay | migrate | describe | operate …`."""

import pkgutil
import sys
from typing import Any, Final, NoReturn

import click

from chassis import command_line

ROLES: Final = {
    "worker": "chassis.service.worker:run",
    "migrate": "chassis.service.migrate:run",
    "describe": "chassis.service.describe:run",
    "operate": "chassis.service.operate:run",
}
SERVER: Final = "chassis.http.server:serve"
APPLICATION: Final = "chassis.service.api:application"
"""What the server loads in its worker; its master imports neither the service nor its tables."""


def main(declaration: str) -> NoReturn:
    """Run one role of a service and end the process with its exit code.

    Args:
        declaration: Import string of the `Service`; only roles that need it import it.
    """
    name = declaration.partition(".")[0]
    sys.exit(command_line.run(roles(declaration), f"python -m {name}"))


def roles(declaration: str) -> click.Group:
    """Return the command of a service, with one subcommand for each of its roles."""
    group = click.Group(help="Runs one role of the service.")

    @group.command(help="serve the HTTP interface")
    def api() -> int:
        pkgutil.resolve_name(SERVER)(f"{APPLICATION}({declaration!r})")
        return 0

    @group.command(help="handle messages")
    @click.option("--with-relay", is_flag=True, help="publish events in the same process")
    def worker(with_relay: bool) -> int:
        return _run("worker", declaration, with_worker=True, with_relay=with_relay)

    @group.command(help="publish events")
    def relay() -> int:
        return _run("worker", declaration, with_worker=False, with_relay=True)

    @group.command(help="bring the database to the newest schema")
    def migrate() -> int:
        return _run("migrate", declaration)

    @group.command(help="print topics, events and routes as JSON")
    def describe() -> int:
        return _run("describe", declaration)

    @group.command(
        help="look at dead letters, held events and positions, and act on them",
        context_settings={"ignore_unknown_options": True, "help_option_names": []},
    )
    @click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
    def operate(arguments: tuple[str, ...]) -> int:
        return _run("operate", declaration, arguments)

    return group


def _run(role: str, *arguments: Any, **options: Any) -> int:
    """Import the module of a role, and nothing of the others."""
    code: int = pkgutil.resolve_name(ROLES[role])(*arguments, **options)
    return code
