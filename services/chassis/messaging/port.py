"""The broker port: a partitioned log with offsets and keys, as Kafka has it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

from chassis.envelope import Headers

DEFAULT_PARTITIONS = 4
MAX_RECORD_BYTES = 1024 * 1024


class TP(NamedTuple):
    """A partition of a topic."""

    topic: str
    partition: int


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """A topic that must exist; the number of partitions never changes afterwards.

    Attributes:
        name: as events and readers know it.
        partitions: how many readers can share it.
        replication: how many brokers keep each record.
        min_insync: how many must have it before it is acknowledged.
        retention_days: how long it is kept; longer than the longest outage of a reader.
    """

    name: str
    partitions: int = DEFAULT_PARTITIONS
    replication: int = 1
    min_insync: int = 1
    retention_days: int = 14


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record to publish; a header without a value is refused, though one may be read."""

    topic: str
    key: bytes | None
    headers: Headers
    value: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Record:
    """A record that was read; `timestamp` is microseconds UTC.

    `damage` says why it could not be read as it was written; then it stands for all that could not
    be read there, and has its place and perhaps its body.
    """

    topic: str
    partition: int
    offset: int
    key: bytes | None
    headers: Headers
    value: bytes = field(repr=False)
    timestamp: int = 0
    damage: str = ""


@dataclass(frozen=True, slots=True)
class Ok:
    """The record is in the log, durably, at this place."""

    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Failed:
    """The record may or may not be in the log.

    Attributes:
        reason: a short sentence without any part of the record.
        scope: "record" when this very record can never be taken, "topic" when nothing can be
            taken at the moment.
    """

    reason: str
    scope: Literal["record", "topic"] = "topic"


class BrokerUnavailable(Exception):
    """The broker cannot be reached now; later it may."""


class OffsetOutOfRange(Exception):
    """The log does not reach to the wanted offset: it lost records, or is another log."""

    def __init__(self, tp: TP, offset: int, low: int, end: int) -> None:
        """Keep where we wanted to be and what there is."""
        super().__init__(f"offset {offset} of {tp.topic}/{tp.partition} is outside {low}..{end}")
        self.tp = tp
        self.offset = offset


class LogDamaged(Exception):
    """A partition has something that can neither be read nor stepped over; somebody must decide."""


class MemberReplaced(Exception):
    """Another process joined the group under our name; this one must end."""

    def __init__(self) -> None:
        """Say what to look at."""
        super().__init__("another process has our place in the group: is WORKER_ORDINAL unique?")


class Consumer(Protocol):
    """One member of a group; used by one thread only.

    A partition belongs to at most one living member; members come and go at any time.
    """

    def poll(self, timeout: float) -> Mapping[TP, list[Record]]:
        """Return what there is, at once if there is any, else wait; moves the positions on.

        Raises:
            OffsetOutOfRange: a position is outside the log.
            LogDamaged: what is there cannot even be left out.
            BrokerUnavailable: the log cannot be read now.
            MemberReplaced: another process joined under our name.
        """

    def seek(self, tp: TP, offset: int) -> None:
        """Go on reading there; changes memory only, and holds when the group is divided anew."""

    def pause(self) -> None:
        """Return nothing until `resume`, whatever is ours or becomes so, and stay a member."""

    def resume(self) -> None:
        """Return records of all that is ours again."""

    def assignment(self) -> frozenset[TP]:
        """Return the partitions that are ours at the moment."""

    def report_offset(self, tp: TP, offset: int) -> None:
        """Tell the broker how far we are; for monitoring only, nothing reads it back."""

    def end_offsets(self) -> Mapping[TP, int]:
        """Return the offset that the next record of each of our partitions will get."""

    def incarnations(self) -> Mapping[str, str]:
        """Return what names each log that we read, as it is now; never waits.

        A topic of which nothing is known at the moment is left out.
        """

    def close(self) -> None:
        """Stop reading; a broker may keep our partitions a few seconds for our own return."""


class Broker(Protocol):
    """A log that several processes share; safe to use from several threads."""

    def ensure_topics(self, specs: Sequence[TopicSpec]) -> list[str]:
        """Make the topics that do not exist yet; returns their names.

        Raises:
            BrokerUnavailable: the broker is away, or refuses to make them.
        """

    def brokers(self) -> int:
        """Return how many servers share the log, those that are down included.

        Raises:
            BrokerUnavailable: the broker is away.
        """

    def described(self, topic: str) -> TopicSpec:
        """Return what a topic is like, whoever made it.

        Raises:
            BrokerUnavailable: the topic is not known (yet), or the broker is away.
        """

    def partitions(self, topic: str) -> int:
        """Return how many partitions a topic has.

        Raises:
            BrokerUnavailable: the topic is not known (yet), or the broker is away.
        """

    def incarnation(self, topic: str) -> str:
        """Return what names this very log (`bus_id`): another one after it was made anew."""

    def bounds(self, topic: str) -> Mapping[int, tuple[int, int]]:
        """Return, by partition, the first offset that is kept and the one the next record gets.

        Joins no group and leaves nothing behind.

        Raises:
            BrokerUnavailable: the topic is not known (yet), or the broker is away.
        """

    def publish(self, batch: Sequence[Outgoing], timeout: float) -> list[Ok | Failed]:
        """Append records, keeping their order per key, and tell the truth about each.

        Never raises for what happens to a record; one result per record, in order.
        """

    def reset(self) -> None:
        """Throw the producer away; the next `publish` makes a new one."""

    def consumer(
        self, group: str, topics: Sequence[str], start: Mapping[TP, int], *, max_records: int = 200
    ) -> Consumer:
        """Join a group.

        Args:
            group: at most one living member of it reads a partition.
            topics: what to read.
            start: where to begin with a partition when it becomes ours, 0 if not named; looked at
                in memory at that moment, possibly on a thread of the client.
            max_records: how many records one `poll` returns at most.
        """

    def close(self) -> None:
        """Let go of everything."""
