"""Sends records to Kafka and tells the truth about each."""

import time
from collections.abc import Sequence
from typing import Final

from kafka import KafkaProducer, errors
from kafka.producer.future import FutureRecordMetadata

from chassis.messaging.kafka.connection import CONNECT_MS, Connection, sentence
from chassis.messaging.partitioner import partition_of
from chassis.messaging.port import MAX_RECORD_BYTES, Failed, Ok, Outgoing
from chassis.storage.crash import crash_point

_DELIVERY_MS: Final = 30_000
_BATCH_BYTES: Final = 131_072
_CLOSE_SECONDS: Final = 5.0

_REFUSED: Final = (
    errors.MessageSizeTooLargeError,
    errors.RecordListTooLargeError,
    errors.InvalidRecordError,
    errors.InvalidTimestampError,
    TypeError,
    ValueError,
)
"""What is wrong with the record, and will be wrong with it tomorrow."""


class Producer:
    """One session with the cluster; after any failure it must be closed and another be made.

    With idempotence the cluster drops what the client repeats, and order holds within a session.
    An error that cannot be retried makes the session useless for good, hence the rule.
    """

    def __init__(self, connection: Connection) -> None:
        """Connect; takes 5 s at most.

        Raises:
            BrokerUnavailable: nobody answers, or we are not let in.
        """
        with connection.building() as options:
            self._client = KafkaProducer(
                **options,
                acks="all",
                enable_idempotence=True,
                max_in_flight_requests_per_connection=5,
                delivery_timeout_ms=_DELIVERY_MS,
                max_block_ms=CONNECT_MS,
                linger_ms=0,
                batch_size=_BATCH_BYTES,
                max_request_size=MAX_RECORD_BYTES,
                allow_auto_create_topics=False,
                metrics_enabled=False,
            )
        self._unkeyed = 0
        crash_point("kafka.after_connect")

    def send(self, batch: Sequence[Outgoing], timeout: float) -> list[Ok | Failed]:
        """Send records and wait for every answer, for so many seconds at most."""
        deadline = time.monotonic() + timeout
        unreachable: dict[str, Failed] = {}
        crash_point("kafka.before_send")
        futures: list[FutureRecordMetadata | Failed] = []
        for record in batch:
            if futures:
                crash_point("kafka.mid_batch")
            futures.append(self._start(record, unreachable))
        crash_point("kafka.after_send")
        return [
            future if isinstance(future, Failed) else _outcome(future, deadline)
            for future in futures
        ]

    def close(self) -> None:
        """Drop what is still unsent: it was reported as failed, and will be sent again.

        The client's own `close` waits for it first, and gives up without stopping its thread.
        """
        sender = self._client._sender  # noqa: SLF001 - see above
        sender.force_close()
        sender.join(_CLOSE_SECONDS)
        self._client.close(timeout=_CLOSE_SECONDS)

    def _start(
        self, record: Outgoing, unreachable: dict[str, Failed]
    ) -> FutureRecordMetadata | Failed:
        """Hand a record over; a topic that did not answer once is not waited for again."""
        if record.topic in unreachable:
            return unreachable[record.topic]
        try:
            return self._client.send(
                record.topic,
                record.value,
                record.key,
                list(record.headers),
                self._partition(record),
            )
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told about this record
            failed = _failed(error)
            if failed.scope == "topic":
                unreachable[record.topic] = failed
            return failed

    def _partition(self, record: Outgoing) -> int:
        count = len(self._client.partitions_for(record.topic))
        if record.key is not None:
            return partition_of(record.key, count)
        self._unkeyed += 1
        return self._unkeyed % count


def _outcome(future: FutureRecordMetadata, deadline: float) -> Ok | Failed:
    try:
        kept = future.get(timeout=max(0.0, deadline - time.monotonic()))
    except Exception as error:  # noqa: BLE001 - as above
        return _failed(error)
    return Ok(kept.partition, kept.offset)


def _failed(error: Exception) -> Failed:
    if isinstance(error, _REFUSED):
        return Failed(f"the record was refused ({type(error).__name__})", "record")
    return Failed(sentence(error), "topic")
