"""`backmice up`, where each service has a clock of its own that a test may set.

The file `clocks` in the data folder holds lines `service seconds`: how far its clock is off, now.
"""

import datetime as dt
import os
import sys
import time
from types import SimpleNamespace

SERVICES = ("intake", "diagnosis", "treatment")


def alter() -> None:
    from altered import note  # noqa: PLC0415

    from chassis import clock  # noqa: PLC0415

    def off() -> int:
        lines = dict(line.split() for line in note("clocks").splitlines())
        return int(lines.get(os.environ["SERVICE"], 0))

    class Skewed(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:
            return super().now(tz) + dt.timedelta(seconds=off())

    clock.datetime = Skewed  # type: ignore[misc]
    clock.time = SimpleNamespace(  # type: ignore[assignment]
        time_ns=lambda: time.time_ns() + off() * 1_000_000_000
    )


if __name__ == "__main__":
    import altered

    sys.exit(altered.run(__file__, lambda name: name.startswith(SERVICES), alter))
