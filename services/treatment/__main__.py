"""`python -m treatment api | worker [--with-relay] | relay | migrate | describe | operate …`."""

import argparse
import json
import sys

from chassis.settings import SettingsError
from chassis.storage.database import Unavailable
from chassis.storage.migrations import SchemaMismatch

ROLES = ("api", "worker", "relay", "migrate", "describe", "operate")


def main(arguments: list[str] | None = None) -> int:
    """Runs one role; returns the exit code of the process."""
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] == ["operate"]:
        return operate(given[1:])
    parser = argparse.ArgumentParser(prog="python -m treatment", description=__doc__)
    parser.add_argument("role", choices=ROLES)
    parser.add_argument("--with-relay", action="store_true", help="with worker: run both in one")
    asked = parser.parse_args(given)
    try:
        return run(asked.role, with_relay=asked.with_relay)
    except (SettingsError, SchemaMismatch, Unavailable) as error:
        print(f"treatment: {error}", file=sys.stderr)
        return 1


def operate(arguments: list[str]) -> int:
    """Does what an operator asks; it has arguments of its own."""
    from treatment import app  # noqa: PLC0415

    return app.operate(arguments)


def run(role: str, *, with_relay: bool = False) -> int:
    """Runs one role; each imports only what it needs."""
    if role == "api":
        from chassis.http.server import serve  # noqa: PLC0415

        serve("treatment.app:api()")
        return 0
    if role == "describe":
        from treatment.app import describe  # noqa: PLC0415

        print(json.dumps(describe(), indent=2))
        return 0
    from treatment import app  # noqa: PLC0415
    from treatment.settings import Settings  # noqa: PLC0415

    settings = Settings.from_environment()
    if role == "migrate":
        for name in app.migrate(settings):
            print(f"treatment: applied {name}", file=sys.stderr)
        return 0
    return app.relay(settings) if role == "relay" else app.worker(settings, with_relay=with_relay)


if __name__ == "__main__":
    sys.exit(main())
