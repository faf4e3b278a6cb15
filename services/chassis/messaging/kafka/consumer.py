"""A member of a group on Kafka."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from kafka import ConsumerRebalanceListener, KafkaConsumer, OffsetAndMetadata, errors
from kafka.structs import MemberState, TopicPartition

from chassis.messaging.kafka.connection import Connection, sentence, unavailable_on_error
from chassis.messaging.kafka.damage import Damage
from chassis.messaging.port import (
    TP,
    BrokerUnavailable,
    LogDamaged,
    MemberReplaced,
    OffsetOutOfRange,
    Record,
)
from chassis.storage.crash import crash_point

SESSION_MS: Final = 10_000
_HEARTBEAT_MS: Final = 2_000
_LONG_POLL_MS: Final = 200
_ASK_MS: Final = 5_000
_REPORT_MS: Final = 1_000


def connect(connection: Connection, group: str, member: str, max_records: int) -> KafkaConsumer:
    """Build the client of a member.

    Args:
        connection: where.
        group: which group.
        member: the member's lasting name: whoever comes back with it within 10 s gets its
            partitions back, and nobody else is disturbed.
        max_records: how many records one poll returns at most.
    """
    with connection.building() as options:
        return KafkaConsumer(
            **options,
            group_id=group,
            group_instance_id=member,
            enable_auto_commit=False,  # the database has the offsets
            auto_offset_reset="none",  # stop rather than skip or repeat
            isolation_level="read_uncommitted",
            session_timeout_ms=SESSION_MS,
            heartbeat_interval_ms=_HEARTBEAT_MS,
            max_poll_interval_ms=300_000,
            max_poll_records=max_records,
            fetch_max_wait_ms=_LONG_POLL_MS,
            allow_auto_create_topics=False,
            check_crcs=True,
            metrics_enabled=False,
        )


def incarnation(cluster_id: str, topic_id: UUID) -> str:
    """Return what names a log: both ids were given when the things were made."""
    return f"{cluster_id}/{topic_id}"


class KafkaGroupMember:
    """One member of a group; knows where it is in each partition, whatever the group does.

    The client calls `_assigned` on its own thread whenever the group was divided anew. So what is
    needed there (positions, pauses) is plain memory, and it is set back to where this process is,
    not to what was stored at the cluster.
    """

    def __init__(
        self, build: Callable[[], KafkaConsumer], topics: Sequence[str], start: Mapping[TP, int]
    ) -> None:
        """Use `KafkaBroker.consumer` instead."""
        self._build = build
        self._topics = topics
        self._client: KafkaConsumer | None = None
        self._positions = dict(start)
        self._paused = False
        self._reports: dict[TP, int] = {}
        self._delivered: frozenset[TP] = frozenset()

    def poll(self, timeout: float) -> Mapping[TP, list[Record]]:
        """Return what there is, at once if there is any, else wait."""
        try:
            client = self._connected()
            self._send_reports(client)
            self._hold(client)
            found = client.poll(timeout_ms=int(timeout * 1_000))
        except errors.OffsetOutOfRangeError as error:
            raise self._out_of_range(error.args[0]) from error
        except errors.LogTruncationError as error:
            tps = error.divergent_offsets
            raise self._out_of_range({tp: self._positions[TP(*tp)] for tp in tps}) from error
        except errors.FencedInstanceIdError as error:
            raise MemberReplaced from error
        except errors.CorruptRecordError as error:
            raise LogDamaged(sentence(error)) from error
        except (errors.KafkaError, OSError) as error:
            self._disconnect()
            raise BrokerUnavailable(sentence(error)) from error
        return self._taken(found)

    def seek(self, tp: TP, offset: int) -> None:
        """Go on reading there, now or when the partition becomes ours."""
        self._positions[tp] = offset
        if self._client is not None:
            with contextlib.suppress(ValueError):  # it is not ours any more
                self._client.seek(TopicPartition(*tp), offset)

    def pause(self) -> None:
        """Return nothing until `resume`, and stay a member."""
        self._paused = True

    def resume(self) -> None:
        """Return records again."""
        self._paused = False

    def assignment(self) -> frozenset[TP]:
        """Return the partitions that the group has given to us."""
        if self._client is None:
            return frozenset()
        return frozenset(TP(*tp) for tp in self._client.assignment() or ())

    def report_offset(self, tp: TP, offset: int) -> None:
        """Report it to the cluster with the next poll."""
        self._reports[tp] = offset

    def end_offsets(self) -> Mapping[TP, int]:
        """Return the end of each of our partitions, and of those just read."""
        wanted = self.assignment() | self._delivered
        if self._client is None or not wanted:
            return {}
        with unavailable_on_error():
            ends = self._client.end_offsets(
                [TopicPartition(*tp) for tp in wanted], timeout_ms=_ASK_MS
            )
        return {TP(*tp): offset for tp, offset in ends.items()}

    def incarnations(self) -> Mapping[str, str]:
        """Return what names each log, as the client has last heard; has it ask again, meanwhile."""
        if self._client is None:
            return {}
        cluster = self._client._cluster  # noqa: SLF001 - nothing public tells the id of a topic
        cluster.request_update()
        known = {topic: cluster.topic_id(topic) for topic in self._topics}
        return {
            topic: incarnation(cluster.cluster_id, one)
            for topic, one in known.items()
            if one is not None
        }

    def close(self) -> None:
        """Tell how far we are and go; the group keeps our partitions for us for 10 s."""
        if self._client is not None:
            with contextlib.suppress(errors.KafkaError, OSError):
                self._client.commit(self._committable(), timeout_ms=_REPORT_MS)
        self._disconnect()

    def _connected(self) -> KafkaConsumer:
        if self._client is None:
            self._client = self._build()
            self._client.subscribe(self._topics, listener=_Listener(self._assigned))
            _learn_partitions(self._client)
        _finish_joining(self._client)
        _refuse_to_be_replaced(self._client)
        return self._client

    def _disconnect(self) -> None:
        client, self._client = self._client, None
        self._delivered = frozenset()
        if client is not None:
            with contextlib.suppress(errors.KafkaError, OSError):
                client.close(timeout_ms=_REPORT_MS)

    def _assigned(self, tps: Sequence[TopicPartition]) -> None:
        client = self._client
        if client is None:
            return
        for tp in tps:
            client.seek(tp, self._positions.get(TP(*tp), 0))
        if self._paused:
            client.pause(*tps)

    def _hold(self, client: KafkaConsumer) -> None:
        """Have the client pause what we do; asked each time, for what is ours comes and goes."""
        if self._paused:
            client.pause(*client.assignment())
        else:
            client.resume(*client.paused())

    def _taken(self, found: Mapping[TopicPartition, list[Any]]) -> dict[TP, list[Record]]:
        taken = {TP(*tp): [_record(one) for one in ones] for tp, ones in found.items()}
        for tp, records in taken.items():
            self._positions[tp] = records[-1].offset + 1
        self._delivered = frozenset(taken)
        return taken

    def _ours(self, tps: Sequence[TP]) -> list[TopicPartition]:
        ours = self.assignment()
        return [TopicPartition(*tp) for tp in tps if tp in ours]

    def _send_reports(self, client: KafkaConsumer) -> None:
        if reports := self._committable():
            client.commit_async(reports, callback=_reported)
            self._reports.clear()

    def _committable(self) -> dict[TopicPartition, OffsetAndMetadata]:
        ours = self._ours(list(self._reports))
        return {tp: OffsetAndMetadata(self._reports[TP(*tp)]) for tp in ours}

    def _out_of_range(self, offsets: Mapping[TopicPartition, int]) -> OffsetOutOfRange:
        """Say where we wanted to be, and what there is if the cluster still tells."""
        tp, offset = next(iter(offsets.items()))
        low = end = -1
        if self._client is not None:
            with contextlib.suppress(errors.KafkaError):
                low = self._client.beginning_offsets([tp], timeout_ms=_ASK_MS)[tp]
                end = self._client.end_offsets([tp], timeout_ms=_ASK_MS)[tp]
        return OffsetOutOfRange(TP(*tp), offset, low, end)


def _reported(_offsets: object, _answer: object) -> None:
    """The cluster has answered."""
    crash_point("kafka.after_report")


def _learn_partitions(client: KafkaConsumer) -> None:
    """Wait until the client knows the partitions of what it subscribed to.

    It would otherwise join at once, give everybody nothing, and divide the group a second time.
    """
    updated = client._cluster.request_update()  # noqa: SLF001 - nothing public waits for a limited time
    client._net.run(client._manager.wait_for, updated, _ASK_MS)  # noqa: SLF001


def _finish_joining(client: KafkaConsumer) -> None:
    """Have the client look at the answer to a join that an earlier poll began.

    If the answer came between two polls, kafka-python 3.0.12 throws it away: it joins again, which
    disturbs the whole group and may go on for long, or, when topics were the reason to join, does
    not even notice, and has no partitions and no heartbeat for good.
    """
    coordinator = client._coordinator  # noqa: SLF001 - see above
    joining = coordinator._join_task  # noqa: SLF001
    if joining is not None:
        coordinator.rejoin_needed = True
        if joining.is_done:
            coordinator._join_task = _Answer(joining)  # noqa: SLF001


def _refuse_to_be_replaced(client: KafkaConsumer) -> None:
    """Raise what the client only logs: it goes on fetching when another member has its name."""
    coordinator = client._coordinator  # noqa: SLF001 - see above
    settled = coordinator.state == MemberState.STABLE and coordinator._join_task is None  # noqa: SLF001
    if settled and not coordinator._heartbeat_enabled:  # noqa: SLF001
        raise errors.FencedInstanceIdError


class _Answer:
    """A finished future that says it is not, so that somebody still waits for it."""

    is_done = False

    def __init__(self, future: Any) -> None:
        self.add_callback = future.add_callback
        self.add_errback = future.add_errback


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc] # the library has no types
    def __init__(self, assigned: Callable[[Sequence[TopicPartition]], None]) -> None:
        self._assigned = assigned

    def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        self._assigned(assigned)

    def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:
        """Nothing to save: each batch stored its own position."""


def _record(one: Any) -> Record:
    return Record(
        one.topic,
        one.partition,
        one.offset,
        one.key,
        one.headers,
        one.value or b"",
        one.timestamp * 1_000,
        one.headers.reason if isinstance(one.headers, Damage) else "",
    )
