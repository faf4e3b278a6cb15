"""Kafka as the broker port sees it."""

import contextlib
import logging
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Self

from kafka import KafkaAdminClient, errors
from kafka.admin import ConfigResource, OffsetSpec
from kafka.structs import TopicPartition

from chassis.messaging.kafka.connection import (
    Connection,
    require_checksums,
    unavailable_on_error,
)
from chassis.messaging.kafka.consumer import KafkaGroupMember, connect, incarnation
from chassis.messaging.kafka.producer import Producer
from chassis.messaging.port import TP, BrokerUnavailable, Failed, Ok, Outgoing, TopicSpec

_DAY_MS: Final = 24 * 3_600 * 1_000
_NEWS_SECONDS: Final = 5.0
_NO_NEWS: Final = (errors.UnknownTopicOrPartitionError, errors.LeaderNotAvailableError)
_PAUSE_SECONDS: Final = 0.1


class KafkaBroker:
    """A cluster: one producer that is made when needed, and members of groups.

    Nothing connects before it is used, so a process starts whether or not the cluster is there.
    """

    def __init__(self, connection: Connection, ordinal: int = 0) -> None:
        """Name the cluster, and which of a group's members this process is."""
        self._connection = connection
        self._ordinal = ordinal
        self._guard = threading.Lock()
        self._producer: Producer | None = None
        self._topics: dict[str, _Topic] = {}

    @classmethod
    def at(cls, url: str, ordinal: int = 0) -> Self:
        """Open by URL; the environment has what is secret.

        Raises:
            SettingsError: something is missing.
        """
        require_checksums()
        logging.getLogger("kafka").setLevel(logging.WARNING)
        # several lines for each attempt to connect; why it failed is in what we raise and return
        logging.getLogger("kafka.net").setLevel(logging.CRITICAL)
        return cls(Connection.from_url(url), ordinal)

    def ensure_topics(self, specs: Sequence[TopicSpec]) -> list[str]:
        """Make the topics that do not exist yet; returns their names."""
        with self._admin() as admin:
            known = set(admin.list_topics())
            missing = {spec.name: _options(spec) for spec in specs if spec.name not in known}
            if missing:
                with contextlib.suppress(errors.TopicAlreadyExistsError):  # another was faster
                    admin.create_topics(missing)
                admin.wait_for_topics(list(missing))
        return list(missing)

    def brokers(self) -> int:
        """Return how many servers the cluster has, those that are down included."""
        with self._admin() as admin:
            return len(admin.describe_cluster()["brokers"])

    def described(self, topic: str) -> TopicSpec:
        """Return what a topic is like; of its partitions, the one with the fewest copies counts.

        The servers of a cluster hear of a new topic one after the other, and any of them may
        answer us: that there is none is believed when it was said for `_NEWS_SECONDS`.
        """
        deadline = time.monotonic() + _NEWS_SECONDS
        with self._admin() as admin:
            while True:
                try:
                    return _spec(admin, topic)
                except _NotHeardOf:
                    if time.monotonic() > deadline:
                        raise
                time.sleep(_PAUSE_SECONDS)

    def partitions(self, topic: str) -> int:
        """Return how many partitions a topic has."""
        return self._topic(topic).partitions

    def incarnation(self, topic: str) -> str:
        """Return the ids that the cluster and the topic got when they were made."""
        return self._topic(topic).incarnation

    def bounds(self, topic: str) -> Mapping[int, tuple[int, int]]:
        """Return, by partition, the first offset that is kept and the one the next record gets."""
        places = [TopicPartition(topic, part) for part in range(self.partitions(topic))]
        with self._admin() as admin:
            low = admin.list_partition_offsets(dict.fromkeys(places, OffsetSpec.EARLIEST))
            end = admin.list_partition_offsets(dict.fromkeys(places, OffsetSpec.LATEST))
        return {tp.partition: (low[tp].offset, end[tp].offset) for tp in places}

    def publish(self, batch: Sequence[Outgoing], timeout: float) -> list[Ok | Failed]:
        """Append records; after any failure the next call begins a new session."""
        with self._guard:
            try:
                producer = self._producer = self._producer or Producer(self._connection)
            except BrokerUnavailable as error:
                return [Failed(str(error)) for _ in batch]
            results = producer.send(batch, timeout)
            if any(isinstance(result, Failed) for result in results):
                self._drop()
            return results

    def reset(self) -> None:
        """Throw the producer away, and what we knew of topics."""
        with self._guard:
            self._drop()

    def consumer(
        self, group: str, topics: Sequence[str], start: Mapping[TP, int], *, max_records: int = 200
    ) -> KafkaGroupMember:
        """Join a group, under a name that lasts."""
        member = f"{group}-{self._ordinal}"
        build = partial(connect, self._connection, group, member, max_records)
        return KafkaGroupMember(build, topics, start)

    def close(self) -> None:
        """Close the producer; members close themselves."""
        self.reset()

    def _drop(self) -> None:
        producer, self._producer = self._producer, None
        self._topics.clear()
        if producer is not None:
            producer.close()

    def _topic(self, name: str) -> "_Topic":
        known = self._topics.get(name)
        if known is None:
            with self._admin() as admin:
                description = _described(admin, name)
                named = incarnation(admin.describe_cluster()["cluster_id"], description["topic_id"])
            known = self._topics[name] = _Topic(len(description["partitions"]), named)
        return known

    @contextlib.contextmanager
    def _admin(self) -> Iterator[KafkaAdminClient]:
        with unavailable_on_error():
            with self._connection.building() as options:
                admin = KafkaAdminClient(**options)
            with contextlib.closing(admin):
                yield admin


class _NotHeardOf(BrokerUnavailable):
    def __init__(self, topic: str) -> None:
        super().__init__(f"there is no topic {topic}")


@dataclass(frozen=True)
class _Topic:
    partitions: int
    incarnation: str


def _spec(admin: KafkaAdminClient, topic: str) -> TopicSpec:
    description = _described(admin, topic)
    asked = ConfigResource("TOPIC", topic, ["min.insync.replicas", "retention.ms"])
    found = admin.describe_configs([asked], config_filter="all")["topic"][topic]
    if not found:  # another server was asked than before, and the client tells no error
        raise _NotHeardOf(topic)
    copies = [len(partition["replica_nodes"]) for partition in description["partitions"]]
    insync = int(found["min.insync.replicas"]["value"])
    days = int(found["retention.ms"]["value"]) // _DAY_MS
    return TopicSpec(topic, len(copies), min(copies), insync, days)


def _described(admin: KafkaAdminClient, topic: str) -> dict[str, Any]:
    (description,) = admin.describe_topics([topic])
    error = errors.for_code(description["error_code"])
    if error in _NO_NEWS:
        raise _NotHeardOf(topic)
    if error is not errors.NoError:
        raise BrokerUnavailable(f"{topic}: {error.__name__}")
    described: dict[str, Any] = description
    return described


def _options(spec: TopicSpec) -> dict[str, Any]:
    return {
        "num_partitions": spec.partitions,
        "replication_factor": spec.replication,
        "configs": {
            "cleanup.policy": "delete",
            "min.insync.replicas": str(spec.min_insync),
            "retention.ms": str(spec.retention_days * _DAY_MS),
            "unclean.leader.election.enable": "false",
        },
    }
