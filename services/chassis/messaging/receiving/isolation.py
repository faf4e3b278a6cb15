"""Finds the one record that other transactions are in the way of, so that it holds up no others."""

from collections.abc import Mapping, Sequence
from typing import Final

from chassis.messaging.port import TP, Record

MOST_FAILURES: Final = 5


class Isolation:
    """Which partitions are taken record by record for a while, and which of them last.

    A lock that was not to be had says nothing of whose record wanted it. So the records of a
    transaction that failed for that reason are taken one by one; the one that fails alone is tried
    after all others, and after five times it is not waited for any more.
    """

    def __init__(self) -> None:
        """Begin without suspicion."""
        self._left: dict[TP, int] = {}
        self._failures: dict[TP, int] = {}

    def alone(self, tp: TP) -> bool:
        """Tell whether records of this partition are taken one by one."""
        return tp in self._left

    def failures(self, tp: TP) -> int:
        """Return how often in a row the next record of this partition has failed alone."""
        return self._failures.get(tp, 0)

    def last_time(self, share: Mapping[TP, Sequence[Record]]) -> bool:
        """Tell whether this is the last time that we wait for what these records want."""
        return max(map(self.failures, share)) >= MOST_FAILURES - 1

    def failed(self, share: Mapping[TP, Sequence[Record]]) -> None:
        """Note that another transaction was in the way of this one."""
        alone = sum(map(len, share.values())) == 1
        for tp, records in share.items():
            self._left[tp] = max(len(records), self._left.get(tp, 0))
            self._failures[tp] = self.failures(tp) + alone

    def succeeded(self, share: Mapping[TP, Sequence[Record]]) -> None:
        """Note that nothing was in the way."""
        for tp, records in share.items():
            self._failures.pop(tp, None)
            left = self._left.pop(tp, 0) - len(records)
            if left > 0:
                self._left[tp] = left
