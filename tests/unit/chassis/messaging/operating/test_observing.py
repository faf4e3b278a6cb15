"""Probes and figures of relay and worker."""

import itertools
import time
from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from chassis.messaging.operating.figures import Place
from chassis.messaging.operating.observing import (
    ALIVE_SECONDS,
    Gauges,
    NotSo,
    PrometheusMeter,
    probes,
)
from chassis.messaging.port import TP, Failed, Ok
from chassis.messaging.receiving.metrics import DUPLICATES
from chassis.messaging.sending.metrics import PUBLISHED
from chassis.storage.database import Unavailable

WELL = {"/livez": [], "/readyz": [], "/startupz": []}


@pytest.fixture
def counted():
    def value(metric, **labels):
        child = metric.labels(**labels) if labels else metric
        return child._value.get()

    return value


def test_a_meter_counts_what_was_published_and_what_became_of_messages(counted):
    meter = PrometheusMeter()
    before = counted(PUBLISHED, result="failed"), counted(DUPLICATES)
    meter.published([Ok(0, 1), Failed("no")], 0.1)
    meter.delivered({"applied": 2, "duplicate": 3}, None)
    after = counted(PUBLISHED, result="failed"), counted(DUPLICATES)
    assert (after[0] - before[0], after[1] - before[1]) == (1, 3)


@pytest.fixture
def components():
    """A relay and a worker that go round, a database and a broker that answer."""

    def answers(*_):
        return 1

    worker = SimpleNamespace(
        ticked_at=time.monotonic(), assigned=frozenset({TP("a", 0)}), circuit_open=False
    )
    observed = SimpleNamespace(database=SimpleNamespace(ping=answers), hears=("a",), check=answers)
    relay = SimpleNamespace(ticked_at=time.monotonic())
    return SimpleNamespace(
        observed=observed, broker=SimpleNamespace(partitions=answers), relay=relay, worker=worker
    )


def red(components):
    """The names of the checks that fail, by probe."""
    asked = probes(components.observed, components.broker, components.relay, components.worker)
    return {
        path: [name for name, check in checks.items() if _fails(check)]
        for path, checks in asked.items()
    }


def _fails(check):
    try:
        check()
    except (Unavailable, NotSo):
        return True
    return False


def fail(*_):
    raise Unavailable("away")


def test_who_goes_round_and_may_consume_is_well(components):
    assert red(components) == WELL


def test_a_database_that_is_away_makes_unready_and_never_dead(components):
    components.observed.database.ping = fail
    assert red(components) == WELL | {"/readyz": ["database"]}


def test_a_topic_that_is_not_there_or_another_schema_is_not_started(components):
    components.broker.partitions = components.observed.check = fail
    assert red(components) == WELL | {"/startupz": ["schema", "topic a"]}


def test_an_open_circuit_or_no_partition_is_unready_and_alive(components):
    components.worker.circuit_open, components.worker.assigned = True, frozenset()
    assert red(components) == WELL | {"/readyz": ["assigned", "circuit"]}


def test_a_loop_that_stands_still_is_dead(components):
    components.relay.ticked_at -= ALIVE_SECONDS + 1
    assert red(components) == WELL | {"/livez": ["relay"]}


def test_gauges_are_looked_up_once_in_a_while_and_left_out_when_they_cannot_be(
    components, tmp_path, monkeypatch
):
    looked = []
    database = SimpleNamespace(read=lambda: looked.append(1) or fail())
    observed = SimpleNamespace(database=database, hears=("a",), run_dir=tmp_path)
    components.relay.leader = False
    gauges = Gauges(observed, components.broker, components.relay, components.worker)
    shown = [metric.name for metric in gauges.collect()]
    assert shown == ["disk_free_ratio", "relay_leader", "consumer_circuit_open"]
    first = len(looked)
    assert [metric.name for metric in gauges.collect()] == shown
    assert len(looked) == first
    monkeypatch.setattr("chassis.messaging.operating.observing.LOOK_SECONDS", -1.0)
    list(gauges.collect())
    assert len(looked) == 2 * first


def test_a_partition_that_does_not_move_is_seen_beside_one_that_does(
    components, tmp_path, monkeypatch
):
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(
        "chassis.messaging.operating.observing.time", SimpleNamespace(monotonic=lambda: clock.now)
    )
    moving = itertools.count()
    monkeypatch.setattr(
        "chassis.messaging.operating.observing.places",
        lambda *_: [Place("a", 0, 5, 9, "ok"), Place("a", 1, next(moving), 9, "ok")],
    )
    database = SimpleNamespace(read=nullcontext)
    observed = SimpleNamespace(database=database, inbox=None, hears=("a",), run_dir=tmp_path)
    components.worker.assigned = {TP("a", 0), TP("a", 1)}
    gauges = Gauges(observed, components.broker, None, components.worker)
    shown = []
    for _ in range(3):
        shown += [metric.samples[0].value for metric in gauges._positions(components.worker)][1:]
        clock.now += 15
    assert shown == [0, 15, 30]
