"""What relay and worker tell of their work while they do it; silent unless somebody listens."""

from collections.abc import Mapping, Sequence

from chassis.messaging.port import Failed, Ok


class Meter:
    """Hears everything and keeps nothing; costs a call per batch."""

    def published(self, results: Sequence[Ok | Failed], seconds: float) -> None:
        """Hear that a batch was handed to the broker."""

    def delivered(self, outcomes: Mapping[str, int], seconds: float | None) -> None:
        """Hear what became of the messages of one transaction.

        Args:
            outcomes: how many were `applied`, `duplicate`, `parked`, `quarantined`, `retried`,
                `unreadable`.
            seconds: how long it took; None for what came from the database, not from the log.
        """


SILENT = Meter()
