"""A broker that misbehaves on purpose: the same port around a real one."""

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from chassis.messaging.port import TP, Broker, Consumer, Failed, Ok, Outgoing, TopicSpec


@dataclass
class Faults:
    """How often what happens; each is a probability per record or per batch.

    Attributes:
        duplicate: a record is appended up to four times more.
        reorder: a batch is appended in another order, within a window of 50.
        lose_ack: a batch is appended, and reported as failed.
        drop_prefix: only the end of a batch is appended, its beginning reported as failed.
        refuse: nothing is appended, everything reported as failed.
        vanish: chooses records that are reported as appended and are not: a broken broker.
    """

    duplicate: float = 0.0
    reorder: float = 0.0
    lose_ack: float = 0.0
    drop_prefix: float = 0.0
    refuse: float = 0.0
    vanish: Callable[[Outgoing], bool] = field(default=lambda _: False)


@dataclass
class Injected:
    """What was done, so that a test can compare it with what was noticed."""

    duplicates: int = 0
    reordered: int = 0
    lost_acks: int = 0
    dropped: int = 0
    refused: int = 0
    vanished: int = 0


_WINDOW = 50
_MOST_COPIES = 4


class ChaosBroker:
    """The broker port with faults on the way in; reading is left alone."""

    def __init__(self, broker: Broker, faults: Faults, seed: int = 0) -> None:
        """Wrap a broker; the same seed and the same calls give the same faults."""
        self._broker = broker
        self._faults = faults
        self._random = random.Random(seed)
        self._guard = threading.Lock()
        self.injected = Injected()

    def ensure_topics(self, specs: Sequence[TopicSpec]) -> list[str]:
        """As the port says."""
        return self._broker.ensure_topics(specs)

    def brokers(self) -> int:
        """As the port says."""
        return self._broker.brokers()

    def described(self, topic: str) -> TopicSpec:
        """As the port says."""
        return self._broker.described(topic)

    def partitions(self, topic: str) -> int:
        """As the port says."""
        return self._broker.partitions(topic)

    def incarnation(self, topic: str) -> str:
        """As the port says."""
        return self._broker.incarnation(topic)

    def bounds(self, topic: str) -> Mapping[int, tuple[int, int]]:
        """As the port says."""
        return self._broker.bounds(topic)

    def publish(self, batch: Sequence[Outgoing], timeout: float) -> list[Ok | Failed]:
        """Append records, more or less."""
        with self._guard:
            return self._publish(list(batch), timeout)

    def reset(self) -> None:
        """As the port says."""
        self._broker.reset()

    def consumer(
        self, group: str, topics: Sequence[str], start: Mapping[TP, int], *, max_records: int = 200
    ) -> Consumer:
        """As the port says."""
        return self._broker.consumer(group, topics, start, max_records=max_records)

    def close(self) -> None:
        """As the port says."""
        self._broker.close()

    def _publish(self, batch: list[Outgoing], timeout: float) -> list[Ok | Failed]:
        if self._happens(self._faults.refuse):
            self.injected.refused += 1
            return [Failed("chaos: refused") for _ in batch]
        lost = self._prefix(batch)
        results = self._append(batch[lost:], timeout)
        if self._happens(self._faults.lose_ack):
            self.injected.lost_acks += 1
            return [Failed("chaos: the acknowledgement was lost") for _ in batch]
        return [Failed("chaos: the beginning was lost") for _ in range(lost)] + results

    def _prefix(self, batch: list[Outgoing]) -> int:
        if not self._happens(self._faults.drop_prefix):
            return 0
        lost = self._random.randint(1, len(batch))
        self.injected.dropped += lost
        return lost

    def _append(self, batch: list[Outgoing], timeout: float) -> list[Ok | Failed]:
        """Append in whatever order and number; the answer is in the order that was asked."""
        order = self._order(len(batch))
        sent = [(index, batch[index]) for index in order for _ in range(self._copies(batch[index]))]
        answers = self._broker.publish([record for _, record in sent], timeout) if sent else []
        results: list[Ok | Failed] = [Ok(-1, -1) for _ in batch]
        for (index, _), answer in zip(sent, answers, strict=True):
            results[index] = answer
        return results

    def _order(self, count: int) -> list[int]:
        order = list(range(count))
        if count > 1 and self._happens(self._faults.reorder):
            self.injected.reordered += 1
            windows = [order[start : start + _WINDOW] for start in range(0, count, _WINDOW)]
            for window in windows:
                self._random.shuffle(window)
            order = [index for window in windows for index in window]
        return order

    def _copies(self, record: Outgoing) -> int:
        if self._faults.vanish(record):
            self.injected.vanished += 1
            return 0
        more = self._random.randint(1, _MOST_COPIES) if self._happens(self._faults.duplicate) else 0
        self.injected.duplicates += more
        return 1 + more

    def _happens(self, probability: float) -> bool:
        return probability > 0 and self._random.random() < probability
