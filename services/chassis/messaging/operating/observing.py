"""Lets relay and worker be watched from outside: figures for Prometheus, and probes."""

import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from prometheus_client.core import REGISTRY, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from chassis.messaging.meter import Meter
from chassis.messaging.operating.figures import Figures, Place, places, read_figures
from chassis.messaging.operating.observed import Observed
from chassis.messaging.port import TP, Broker, BrokerUnavailable, Failed, Ok
from chassis.messaging.receiving.metrics import count_delivered
from chassis.messaging.receiving.worker import Worker
from chassis.messaging.sending.metrics import count_published
from chassis.messaging.sending.relay import Relay
from chassis.storage.database import Unavailable
from chassis.storage.metrics import observe_transaction
from chassis.telemetry.port import Check

ALIVE_SECONDS: Final = 30.0
LOOK_SECONDS: Final = 5.0
"""However often they are asked for, gauges are looked up no more often than this."""


class PrometheusMeter(Meter):
    """Counts what it hears."""

    def published(self, results: Sequence[Ok | Failed], seconds: float) -> None:
        """Count a batch."""
        count_published(results, seconds)

    def delivered(self, outcomes: Mapping[str, int], seconds: float | None) -> None:
        """Count the messages of a transaction."""
        count_delivered(outcomes, seconds)


@dataclass(eq=False)
class Gauges(Collector):
    """Depths, ages and lags, looked up when somebody asks and a little while has passed.

    What cannot be looked up is left out: an old figure would be a lie.
    """

    observed: Observed
    broker: Broker
    relay: Relay | None
    worker: Worker | None
    _at: float = float("-inf")
    _seen: list[Metric] = field(default_factory=list)
    _stuck: dict[tuple[str, int, int], float] = field(default_factory=dict)

    def collect(self) -> Iterator[Metric]:
        """Return all gauges."""
        if time.monotonic() - self._at > LOOK_SECONDS:
            self._seen = list(self._look())
            self._at = time.monotonic()
        yield from self._seen

    def describe(self) -> Iterator[Metric]:
        """Name none beforehand: the registry need not look things up to register."""
        return iter(())

    def _look(self) -> Iterator[Metric]:
        usage = shutil.disk_usage(self.observed.run_dir)
        yield _gauge("disk_free_ratio", "Free share of the disk.", usage.free / usage.total)
        if self.relay is not None:
            leads = float(self.relay.leader)
            yield _gauge(
                "relay_leader", "1 while this relay publishes, 0 while it stands by.", leads
            )
        if self.worker is not None:
            is_open = float(self.worker.circuit_open)
            yield _gauge("consumer_circuit_open", "1 when too much failed.", is_open)
            yield from self._positions(self.worker)
        try:
            with self.observed.database.read() as connection:
                hears = self.observed.hears
                found = read_figures(connection, self.observed.outbox, self.observed.inbox, hears)
        except Unavailable:
            return
        yield from _of_outbox(found) if self.relay is not None else ()
        yield from _of_inbox(found) if self.worker is not None else ()

    def _positions(self, worker: Worker) -> Iterator[Metric]:
        try:
            with self.observed.database.read() as connection:
                found = places(connection, self.observed.inbox, self.broker, self.observed.hears)
        except (Unavailable, BrokerUnavailable):
            return
        mine = [place for place in found if TP(place.topic, place.partition) in worker.assigned]
        yield _lags(mine)
        yield _gauge(
            "consumer_position_stalled_seconds",
            "How long a partition has not moved, though there is something; the longest.",
            self._stalled(mine),
        )

    def _stalled(self, mine: Sequence[Place]) -> float:
        """Judge by the stored positions: whatever the reason is, one that is stuck is seen."""
        now, before = time.monotonic(), self._stuck
        behind = {(place.topic, place.partition, place.position) for place in mine if place.lag}
        self._stuck = {place: before.get(place, now) for place in behind}
        return now - min(self._stuck.values(), default=now)


def watch(
    observed: Observed, broker: Broker, relay: Relay | None, worker: Worker | None
) -> Mapping[str, Mapping[str, Check]]:
    """Let a relay and a worker count, register their gauges, and return their probes."""
    meter = PrometheusMeter()
    for runner in (relay, worker):
        if runner is not None:
            runner.meter = meter
    observed.database.observe = observe_transaction
    REGISTRY.register(Gauges(observed, broker, relay, worker))
    return probes(observed, broker, relay, worker)


def probes(
    observed: Observed, broker: Broker, relay: Relay | None, worker: Worker | None
) -> Mapping[str, Mapping[str, Check]]:
    """Return the checks of `/livez`, `/readyz` and `/startupz`.

    Alive is who still goes round; it asks nobody, because the death of a process helps no
    database. Ready needs the database, and of a worker that it may consume.
    """
    runners = {"relay": relay, "worker": worker}
    alive = {n: _ticks(runner) for n, runner in runners.items() if runner is not None}
    ready: dict[str, Check] = {"database": observed.database.ping}
    if worker is not None:
        ready |= {
            "assigned": lambda: _expect(bool(worker.assigned)),
            "circuit": lambda: _expect(not worker.circuit_open),
        }
    topics: dict[str, Check] = {f"topic {t}": _exists(broker, t) for t in observed.hears}
    return {
        "/livez": alive,
        "/readyz": ready,
        "/startupz": {"schema": observed.check} | topics,
    }


class NotSo(Exception):
    """A check does not pass."""


def _expect(condition: bool) -> None:
    if not condition:
        raise NotSo


def _ticks(runner: Relay | Worker) -> Check:
    return lambda: _expect(time.monotonic() - runner.ticked_at < ALIVE_SECONDS)


def _exists(broker: Broker, topic: str) -> Check:
    return lambda: broker.partitions(topic)


def _gauge(name: str, sentence: str, value: float) -> Metric:
    return GaugeMetricFamily(name, sentence, value=value)


def _lags(found: Sequence[Place]) -> Metric:
    lag = GaugeMetricFamily(
        "consumer_lag_records", "Records still to be read.", labels=("topic", "partition")
    )
    for place in found:
        lag.add_metric((place.topic, str(place.partition)), place.lag)
    return lag


def _of_outbox(found: Figures) -> Iterator[Metric]:
    yield _gauge("outbox_pending_events", "Events that wait for the broker.", found.pending)
    yield _gauge("outbox_oldest_age_seconds", "How long the first waits.", found.oldest_age)
    yield _gauge("outbox_held_streams", "Subjects whose next event is refused.", found.held)


def _of_inbox(found: Figures) -> Iterator[Metric]:
    yield _gauge("inbox_parked_events", "Messages that came too early.", found.parked)
    yield _gauge("inbox_parked_oldest_age_seconds", "How long the first waits.", found.parked_age)
    yield _gauge("blocked_subjects", "Subjects behind a dead letter.", found.blocked)
    dead = GaugeMetricFamily(
        "dead_letter_events", "Dead letters that wait.", labels=("status", "reason_code")
    )
    for (status, code), count in sorted(found.dead.items()):
        dead.add_metric((status, code), count)
    yield dead
