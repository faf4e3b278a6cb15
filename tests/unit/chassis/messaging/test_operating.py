"""What operators see: bars, tables, moments, notes, and the counting behind figures."""

import io
import itertools
import os
import time
from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from chassis.clock import derived_id, made_at_us, new_id, now_us
from chassis.messaging.operating import role_state
from chassis.messaging.operating.advice import advice
from chassis.messaging.operating.arguments import moment as read_moment
from chassis.messaging.operating.figures import Place
from chassis.messaging.operating.observing import (
    ALIVE_SECONDS,
    Gauges,
    NotSo,
    PrometheusMeter,
    probes,
)
from chassis.messaging.operating.printing import describe, moment, show
from chassis.messaging.operating.progress_bar import ProgressBar
from chassis.messaging.port import TP, Failed, Ok
from chassis.messaging.receiving.metrics import DUPLICATES
from chassis.messaging.sending.metrics import PUBLISHED
from chassis.storage.database import Unavailable


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_bar_is_drawn_for_people_and_takes_itself_away():
    seen = Terminal()
    bar = ProgressBar("work", seen)
    bar(1, 2)
    bar(2, 2)
    first, _, rest = seen.getvalue()[1:].partition("\r")
    assert first == "work [" + "#" * 15 + " " * 15 + "] 1/2"
    assert rest.endswith("2/2\r\x1b[K")


def test_a_bar_is_not_drawn_into_a_file_or_for_nothing():
    file, seen = io.StringIO(), Terminal()
    ProgressBar("work", file)(1, 2)
    ProgressBar("work", seen)(0, 0)
    assert file.getvalue() == seen.getvalue() == ""


def test_people_get_a_table_and_programs_get_lines():
    entries = [{"id": 1, "what": "a"}, {"id": 20, "what": None}]
    table, lines = io.StringIO(), io.StringIO()
    assert show(entries, as_json=False, empty="none", stream=table) == 2
    assert table.getvalue() == "id  what\n1   a\n20  -\n"
    assert show(iter(entries), as_json=True, empty="none", stream=lines) == 2
    assert lines.getvalue() == '{"id": 1, "what": "a"}\n{"id": 20, "what": null}\n'


def test_nothing_is_a_word_for_people_and_silence_for_programs():
    table, lines = io.StringIO(), io.StringIO()
    show([], as_json=False, empty="no letters", stream=table)
    show([], as_json=True, empty="no letters", stream=lines)
    assert (table.getvalue(), lines.getvalue()) == ("no letters\n", "")


def test_one_thing_is_described_line_by_line():
    output = io.StringIO()
    describe({"id": 1, "headers": {"a": "b", "c": None}}, as_json=False, stream=output)
    assert output.getvalue() == "id       1\nheaders  a: b\n         c: -\n"


def test_a_moment_is_a_time_or_so_long_ago():
    assert read_moment("1970-01-01T00:00:01Z") == read_moment("1970-01-01T00:00:01") == 1_000_000
    assert abs(now_us() - read_moment("2h") - 7_200_000_000) < 5_000_000
    assert moment(1_000_000) == "1970-01-01T00:00:01Z"


def test_an_id_tells_when_it_was_made_and_a_derived_one_does_not():
    made = made_at_us(new_id())
    assert made is not None
    assert abs(now_us() - made) < 5_000_000
    assert made_at_us(derived_id("a", "b")) is None
    assert made_at_us("not an id") is None


def test_the_advice_for_what_nobody_knows_is_to_deploy_or_to_skip():
    assert "once more only" in advice("process-died")
    assert "skip it" in advice("never-heard-of")


def test_a_note_is_read_while_its_writer_lives(tmp_path):
    assert role_state.read(tmp_path, "worker") is None
    role_state.write(tmp_path, "worker", {"circuit_open": False})
    role_state.write(tmp_path, "worker", {"circuit_open": False})
    assert role_state.read(tmp_path, "worker") == {"circuit_open": False}
    os.utime(tmp_path / "worker.state", (1, 1))
    assert role_state.read(tmp_path, "worker") is None


def test_a_relay_that_stands_by_does_not_hide_the_one_that_works(tmp_path):
    role_state.write(tmp_path, "relay", {"leader": True})
    role_state.write(tmp_path, "relay", {"leader": False})
    assert role_state.read(tmp_path, "relay") == {"leader": True}
    os.utime(tmp_path / "relay.state", (1, 1))
    role_state.write(tmp_path, "relay", {"leader": False})
    assert role_state.read(tmp_path, "relay") == {"leader": False}


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


WELL = {"/livez": [], "/readyz": [], "/startupz": []}


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
