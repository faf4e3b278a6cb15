"""The operator's command line: `python -m backmice up | token | demo | status | doctor | …`."""

import sys
from collections.abc import Sequence
from typing import Final

from chassis import command_line

_COMMANDS: Final = "backmice.commands"
COMMANDS: Final = {
    "up": f"{_COMMANDS}.up:up",
    "token": f"{_COMMANDS}.access:token",
    "demo": f"{_COMMANDS}.demonstration:demo",
    "status": f"{_COMMANDS}.health:status",
    "reconcile": f"{_COMMANDS}.reconciliation:reconcile",
    "dead-letters": f"{_COMMANDS}.operating:dead_letters",
    "held": f"{_COMMANDS}.operating:held",
    "parked": f"{_COMMANDS}.operating:parked",
    "release": f"{_COMMANDS}.operating:release",
    "republish": f"{_COMMANDS}.operating:republish",
    "reset-offsets": f"{_COMMANDS}.operating:reset_offsets",
    "doctor": f"{_COMMANDS}.health:doctor",
    "secrets": f"{_COMMANDS}.containers:secrets",
    "announce": f"{_COMMANDS}.containers:announce",
    "topics": f"{_COMMANDS}.topics:topics",
    "backup": f"{_COMMANDS}.archives:backup",
    "restore": f"{_COMMANDS}.archives:restore",
}


def main(arguments: Sequence[str]) -> int:
    group = command_line.LazyGroup(
        imports=COMMANDS,
        help="Runs and tends Backmice.",
        context_settings={"obj": list(arguments)},
    )
    return command_line.run(group, "backmice", arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
