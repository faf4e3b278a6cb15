"""How long a process waits for its database."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Timeouts:
    """How long a process waits for its database before it says that it is unavailable.

    Attributes:
        lock_seconds: For a lock that another transaction holds.
        answer_seconds: For the answer to one statement, longer than for a lock; None means without
            end.
    """

    lock_seconds: float
    answer_seconds: float | None

    @property
    def turn_seconds(self) -> float:
        """For the other threads of the same process, before it asks for the lock of a file."""
        return self.lock_seconds / 2


REQUEST_TIMEOUTS: Final = Timeouts(1.2, 1.5)
"""For whoever answers clients: within two seconds they are told to come again."""

WORKER_TIMEOUTS: Final = Timeouts(5.0, 10.0)
"""For workers, who have nobody waiting."""

MIGRATION_TIMEOUTS: Final = Timeouts(60.0, None)
"""For migrations, which may touch every row."""
