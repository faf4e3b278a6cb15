"""Where the worker stands in each partition, and whether it must go carefully there."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from chassis.messaging.port import TP, Broker, Record
from chassis.messaging.receiving.inbox import InboxTables
from chassis.messaging.receiving.offsets import Offsets, Position
from chassis.storage.crash import crash_point
from chassis.storage.database import Database

_SUSPECTS = 400


class Positions:
    """The offsets of the database, as far as this process knows them.

    After an unclean stop the first records of a partition are taken one at a time and counted
    before they are applied (probation), so that one that kills its process is found.
    """

    def __init__(
        self, database: Database, tables: InboxTables, broker: Broker, topics: Sequence[str]
    ) -> None:
        """Bind to the logs as they are now."""
        self._database = database
        self._tables = tables
        self._partitions = {topic: broker.partitions(topic) for topic in topics}
        self.incarnations = {topic: broker.incarnation(topic) for topic in topics}
        self._known: dict[TP, int] = {}
        self._probation: dict[TP, int] = {}
        self._met: set[TP] = set()
        self._asked_again: dict[TP, int] = {}

    def prepare(self) -> dict[TP, int]:
        """Make the rows that are missing; returns where to start.

        Raises:
            LogReplaced: a topic is not the one that our offsets belong to.
        """
        start: dict[TP, int] = {}
        with self._database.write() as connection:
            for topic, partitions in self._partitions.items():
                offsets = self.offsets(connection, topic)
                offsets.prepare(partitions)
                start |= {
                    TP(topic, part): position.next_offset
                    for part, position in offsets.all().items()
                }
        return start

    def offsets(self, connection: Connection, topic: str) -> Offsets:
        """Return the rows of one topic within a transaction."""
        return Offsets(connection, self._tables, self.incarnations[topic], topic)

    def usable(
        self, tp: TP, records: Sequence[Record], end: int
    ) -> tuple[Sequence[Record], int | None]:
        """Return the records that are next, and where to seek if they are not.

        Args:
            tp: the partition.
            records: what the broker delivered.
            end: the end of the log; only looked at when the partition is met for the first time.
        """
        position = self.at(tp, end)
        first = records[0].offset
        if first < position:
            rest = [record for record in records if record.offset >= position]
            return rest, None if rest else position
        if first == position:
            self._asked_again.pop(tp, None)
        if first > position and self._asked_again.get(tp) != position:
            self._asked_again[tp] = position  # once: the log itself may have a hole, then we go on
            return [], position
        return records, None

    def met(self, tp: TP) -> bool:
        """Tell whether we have had this partition before."""
        return tp in self._met

    def on_probation(self, tp: TP) -> bool:
        """Tell whether records of this partition are taken one at a time."""
        return self._probation.get(tp, 0) > 0

    def current(self, tp: TP) -> int:
        """Return where we are."""
        return self._known[tp]

    def moved(self, tp: TP, following: int, count: int) -> bool:
        """Note that a transaction was kept; returns whether probation ends with it."""
        self._known[tp] = following
        left = self._probation.pop(tp, 0)
        if left > count:
            self._probation[tp] = left - count
        return 0 < left <= count

    def forget(self, tps: Sequence[TP] | None = None) -> None:
        """Read these positions (or all) from the database when they are needed next."""
        for tp in list(self._known) if tps is None else tps:
            self._known.pop(tp, None)

    def known(self) -> Mapping[TP, int]:
        """Return the positions that we have."""
        return dict(self._known)

    def mark_clean(self) -> None:
        """Write down that we stopped in good order."""
        with self._database.write() as connection:
            for tp, position in self._known.items():
                offsets = self.offsets(connection, tp.topic)
                offsets.mark_clean(tp.partition, position)
                offsets.forget_attempts(tp.partition, position + 1)  # we are alive

    def at(self, tp: TP, end: int = 0) -> int:
        """Return where we are, from the database if we do not know."""
        if tp not in self._known:
            position = self._take(tp) if tp not in self._met else self._look(tp)
            if not position.clean and tp not in self._met:
                # what has come since the last reader died cannot have killed it
                self._probation[tp] = min(_SUSPECTS, max(0, end - position.next_offset))
            self._met.add(tp)
            self._known[tp] = position.next_offset
        return self._known[tp]

    def _take(self, tp: TP) -> Position:
        with self._database.write() as connection:
            taken = self.offsets(connection, tp.topic).take(tp.partition)
            crash_point("worker.inside_take")
            return taken

    def _look(self, tp: TP) -> Position:
        with self._database.read() as connection:
            return self.offsets(connection, tp.topic).all()[tp.partition]
