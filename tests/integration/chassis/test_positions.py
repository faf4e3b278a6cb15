"""Where a worker reads on, and when it goes carefully."""

import contextlib
import sqlite3
from unittest import mock

import pytest
from sqlalchemy import select, update
from tests.faults.chassis.toy import ORDERS, TENANT
from tests.integration.chassis.pipeline import Pipeline
from tests.support.waiting import eventually

from chassis.messaging.partitioner import partition_of
from chassis.messaging.port import TP, BrokerUnavailable, Record
from chassis.messaging.receiving.offsets import LogReplaced, Move
from chassis.storage.database import Unavailable

# found with the partitioner: they share one partition of four
SAME_PARTITION = [
    subject
    for subject in ("chair", *(f"stool-{number}" for number in range(40)))
    if partition_of(f"{TENANT}:{subject}".encode(), 4)
    == partition_of(f"{TENANT}:chair".encode(), 4)
][:3]


def test_a_zombie_finds_its_offset_moved_and_reads_on_from_there(pipeline: Pipeline) -> None:
    pipeline.place("chair")
    pipeline.travel()
    zombie = pipeline.mill_worker
    session = zombie._session
    assert session is not None
    pipeline.place("chair", revisions=2)
    pipeline.relays[0].step()
    part = next(tp for tp, position in session.positions.known().items() if position)
    with pipeline.mill.database.write() as connection:
        assert session.positions.offsets(connection, ORDERS).advance([Move(part.partition, 1, 2)])
    pipeline.travel()
    assert part not in session.positions.known() or session.positions.current(part) == 2
    pipeline.travel()
    assert session.positions.current(part) == 3
    assert pipeline.made("chair") == [1], (
        "the record that the other one has taken is not taken again"
    )


def test_offsets_of_another_log_are_never_used(pipeline: Pipeline) -> None:
    pipeline.place("chair")
    pipeline.travel()
    with pipeline.mill.database.write() as connection:
        connection.execute(update(pipeline.mill.inbox.offsets).values(bus_id="another"))
    with pytest.raises(LogReplaced):
        pipeline.mill.worker().step()


def test_a_log_that_is_made_anew_while_we_read_it_stops_the_worker(pipeline: Pipeline) -> None:
    pipeline.place("chair")
    pipeline.travel()
    _rename_log(pipeline)
    pipeline.place("chair", revisions=2)
    pipeline.relays[0].step()
    pipeline.mill_worker._recognise_at = 0.0  # five seconds later
    with pytest.raises(LogReplaced):
        pipeline.mill_worker.step()
    assert pipeline.made("chair") == [1], "nothing of the other log was read"


def test_a_log_is_looked_at_anew_after_the_worker_has_waited(pipeline: Pipeline) -> None:
    pipeline.place("chair")
    pipeline.travel()
    _rename_log(pipeline)
    pipeline.mill_worker._back_off(BrokerUnavailable())
    with pytest.raises(LogReplaced):
        eventually(pipeline.mill_worker.step)


def _rename_log(pipeline: Pipeline) -> None:
    """Let the log be another one, with a record wherever the old one had one."""
    with contextlib.closing(sqlite3.connect(pipeline.folder / "log" / "log.db")) as log:
        log.execute("UPDATE topic SET incarnation = 'another'")
        log.commit()


def test_an_unclean_stop_puts_what_was_there_on_probation(pipeline: Pipeline) -> None:
    pipeline.place("chair", revisions=2)
    pipeline.travel()
    session = pipeline.mill_worker._session
    assert session is not None
    session.consumer.close()  # as if it had been killed: nothing is written down
    pipeline.mill_worker._session = None
    for subject in SAME_PARTITION:
        pipeline.place(subject)
    pipeline.mill.calls.clear()
    pipeline.travel()
    assert pipeline.mill.calls == [1, 1, 1], "one at a time"
    for subject in SAME_PARTITION:
        pipeline.place(subject)
    pipeline.travel()
    assert pipeline.mill.calls == [1, 1, 1, 3], "what has come since is not suspected"
    assert pipeline.mill.count(pipeline.mill.inbox.attempts) == 0
    assert pipeline.made("chair") == [1, 2, 3, 4]


def test_a_clean_stop_needs_no_probation(pipeline: Pipeline) -> None:
    pipeline.place("chair", revisions=2)
    pipeline.travel()
    pipeline.mill_worker.close()
    for subject in SAME_PARTITION:
        pipeline.place(subject)
    pipeline.mill.calls.clear()
    pipeline.travel()
    assert sum(pipeline.mill.calls) == 3
    assert max(pipeline.mill.calls) > 1  # on probation each would come alone


def test_failures_that_a_process_survives_are_no_deaths(pipeline: Pipeline) -> None:
    _leave_uncleanly(pipeline)
    pipeline.place("chair")
    pipeline.relays[0].step()
    with mock.patch.object(pipeline.mill, "apply", side_effect=Unavailable) as applied:
        pipeline.mill_worker = pipeline.mill.worker()
        eventually(lambda: pipeline.mill_worker.step() or applied.call_count > 5)
    tries = select(pipeline.mill.inbox.attempts.c.tries)
    with pipeline.mill.database.read() as connection:
        assert connection.execute(tries).scalars().all() == [1]
    pipeline.mill_worker.close()
    assert pipeline.mill.count(pipeline.mill.inbox.attempts) == 0, "it did not die"
    pipeline.mill_worker = pipeline.mill.worker()
    pipeline.travel_until(lambda: pipeline.made("chair") == [1, 2])
    assert pipeline.dead() == 0


def test_a_partition_that_is_met_after_a_pause_is_on_probation_too(pipeline: Pipeline) -> None:
    _leave_uncleanly(pipeline)
    for subject in SAME_PARTITION:
        pipeline.place(subject)
    pipeline.relays[0].step()
    pipeline.mill_worker._session = pipeline.mill_worker._open()
    pipeline.mill_worker._session.consumer.poll(0)
    pipeline.mill_worker._back_off(Unavailable())
    pipeline.mill.calls.clear()
    pipeline.travel_until(lambda: pipeline.made("chair") == [1, 2])
    assert pipeline.mill.calls == [1, 1, 1]


def _leave_uncleanly(pipeline: Pipeline) -> None:
    pipeline.place("chair")
    pipeline.travel()
    session, pipeline.mill_worker._session = pipeline.mill_worker._session, None
    assert session is not None
    session.consumer.close()  # as if it had been killed: nothing is written down


def test_a_jump_of_the_log_is_asked_about_each_time_it_is_seen(pipeline: Pipeline) -> None:
    pipeline.place("chair", revisions=3)
    pipeline.travel()
    session = pipeline.mill_worker._session
    assert session is not None
    (tp,) = [tp for tp, position in session.positions.known().items() if position == 3]
    beyond, exact = [_record(tp, 7)], [_record(tp, 3), _record(tp, 4)]
    assert session.positions.usable(tp, beyond, 0) == ([], 3)
    assert session.positions.usable(tp, exact, 0) == (exact, None), "then it was no hole"
    assert session.positions.usable(tp, beyond, 0) == ([], 3), "what was said before is over"
    assert session.positions.usable(tp, beyond, 0) == (beyond, None), "said twice, it is a hole"


def _record(tp: TP, offset: int) -> Record:
    return Record(tp.topic, tp.partition, offset, b"k", (), b"")


def test_a_worker_leaves_in_good_order_when_its_database_is_away(pipeline: Pipeline) -> None:
    pipeline.place("chair")
    pipeline.travel()
    session = pipeline.mill_worker._session
    assert session is not None
    with mock.patch.object(session.positions, "mark_clean", side_effect=Unavailable):
        pipeline.mill_worker.close()
    heir = pipeline.mill.worker()
    heir.step()
    heir._report_at = 0.0
    heir.step()
    assert len(heir.assigned) == 4, "the partitions were given back"
    heir.close()


def test_a_worker_that_lost_its_partitions_while_it_waited_knows_where_to_go_on(
    pipeline: Pipeline,
) -> None:
    """Otherwise it takes a partition in which nothing is left for one that is stuck."""
    pipeline.place("chair", revisions=3)
    pipeline.travel()
    session = pipeline.mill_worker._session
    assert session is not None
    before = session.positions.known()
    pipeline.mill_worker._back_off(Unavailable())
    with (
        mock.patch.object(session.consumer, "assignment", return_value=frozenset()),
        mock.patch.object(session.consumer, "end_offsets", return_value={}),
        mock.patch.object(session.consumer, "seek") as seek,
    ):
        eventually(lambda: pipeline.mill_worker.step() or not pipeline.mill_worker._resume_at)
    assert session.positions.known() == before
    assert {(tp, 3) for tp, position in before.items() if position == 3} <= {
        call.args for call in seek.call_args_list
    }
