"""Decides what becomes of a message: apply it now, park it, or drop it as a duplicate."""

from enum import Enum, auto

from chassis.envelope import Message
from chassis.messaging.receiving.inbox import Stream


class Verdict(Enum):
    """What becomes of a message."""

    APPLY = auto()
    DUPLICATE = auto()
    PARK = auto()
    REUSED = auto()


def judge(message: Message, stream: Stream) -> Verdict:
    """Decide by arithmetic what becomes of a message.

    A sequence without gaps makes it possible: what is not above the last one was applied before,
    what is further than one above came too early. A number that is used a second time for another
    event means that its producer was restored to the past.
    """
    if message.sequence <= stream.last:
        again = message.sequence < stream.last or stream.last_event_id in {None, message.event_id}
        return Verdict.DUPLICATE if again or stream.blocked else Verdict.REUSED
    if stream.blocked:
        return Verdict.DUPLICATE if message.sequence == stream.blocked else Verdict.PARK
    return Verdict.APPLY if message.sequence == stream.last + 1 else Verdict.PARK


class CircuitOpen(Exception):
    """So much fails that the program must be wrong, not the messages."""


class Breaker:
    """Notices when too many subjects in a row, or too large a share of the last messages, fail."""

    def __init__(self, *, in_a_row: int = 10, share: float = 0.1, window: int = 1_000) -> None:
        """Set the limits; beyond them the circuit opens."""
        self._in_a_row = in_a_row
        self._most = int(share * window)
        self._window = window
        self._failing: dict[object, None] = {}
        self._trail: list[bool] = []

    def check(self, trail: list[tuple[object, bool]]) -> None:
        """Look at what the transaction in progress has seen, before it is kept.

        Args:
            trail: subject and whether it failed, in order.

        Raises:
            CircuitOpen: with these, a limit is exceeded.
        """
        failing = self._row_after(trail)
        recent = (self._trail + [failed for _, failed in trail])[-self._window :]
        if len(failing) > self._in_a_row or sum(recent) > self._most:
            raise CircuitOpen(
                f"{len(failing)} subjects failed in a row, {sum(recent)} of the last {len(recent)}"
            )

    def keep(self, trail: list[tuple[object, bool]]) -> None:
        """Remember what a committed transaction has seen."""
        self._failing = self._row_after(trail)
        self._trail = (self._trail + [failed for _, failed in trail])[-self._window :]

    def _row_after(self, trail: list[tuple[object, bool]]) -> dict[object, None]:
        failing = dict(self._failing)
        for subject, failed in trail:
            if failed:
                failing[subject] = None
            else:
                failing.clear()
        return failing
