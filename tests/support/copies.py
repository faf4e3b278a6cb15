"""What the log holds of each event: as often as it likes, but alike, in order and in one place."""

from collections.abc import Collection, Mapping

from chassis.messaging.port import Record
from chassis.messaging.receiving.inbox import StreamKey


class Copies:
    """What the log holds of each event, in the order of its partitions.

    An event is known by its topic and its id: who sets the same message aside in two services gives
    both events the same id.
    """

    def __init__(
        self,
        written: Mapping[tuple[str, str], tuple[StreamKey, int]],
        shuffled: Collection[str],
    ) -> None:
        """Begin with what was written: topic and id of each event, its stream and its number."""
        self.findings: list[str] = []
        self.seen: dict[tuple[str, str], int] = {}
        self._written = written
        self._shuffled = shuffled
        self._reached: dict[tuple[str, StreamKey], tuple[int, int]] = {}

    def look_at(self, record: Record) -> None:
        """Look at the next record of the log."""
        name = (dict(record.headers).get("ce_id") or b"").decode(errors="replace")
        event = (record.topic, name)
        where = f"I8: {name} at {record.topic}-{record.partition} {record.offset}"
        content = hash((record.key, tuple(record.headers), record.value))
        if event in self.seen:
            if self.seen[event] != content:
                self.findings.append(f"{where} is not what it was before")
        elif event in self._written:
            self._look_at_first(record, event, where)
            self.seen[event] = content
        elif name:  # what has none is found by its readers
            self.findings.append(f"{where} was written by nobody")

    def _look_at_first(self, record: Record, event: tuple[str, str], where: str) -> None:
        stream, sequence = self._written[event]
        last, partition = self._reached.get((record.topic, stream), (0, record.partition))
        self._reached[record.topic, stream] = max(last, sequence), partition
        if partition != record.partition:
            self.findings.append(f"{where} is not where its stream is, in {partition}")
        if sequence < last and stream[1] not in self._shuffled:
            self.findings.append(f"{where} is #{sequence} of {stream} and comes after #{last}")
