"""What intake needs from its environment."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

from chassis.settings import ServiceSettings, env_int

THREADS: Final = 16
"""As in the configuration of the HTTP server, unless THREADS says otherwise."""

WAKEUP_PREFIX: Final = "api-"
"""The prefix of the wake-up sockets of API processes; each process has one of its own."""


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    """The common settings, and the limits of what intake accepts.

    Attributes:
        waiting_limit: How many clients may wait for a plan at a time; the next is answered at once.
        longest_queue: Events that may wait for the broker before new work is refused.
        least_free_bytes: Space on the database's disk below which new work is refused.
    """

    default_audience: ClassVar[str | None] = "backmice"
    waiting_limit: int
    longest_queue: int
    least_free_bytes: int

    @classmethod
    def own(cls) -> dict[str, Any]:
        """Return the limits that the environment sets."""
        return {
            # a waiting client holds a thread; a third of them stays free for everybody else
            "waiting_limit": env_int("WAITING_LIMIT", env_int("THREADS", THREADS) * 2 // 3),
            "longest_queue": env_int("LONGEST_QUEUE", 1_000_000),
            "least_free_bytes": env_int("LEAST_FREE_BYTES", 256 * 1024 * 1024),
        }
