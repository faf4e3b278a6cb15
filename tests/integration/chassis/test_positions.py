"""Where a worker reads on, and when it goes carefully."""

import contextlib
import sqlite3
from unittest import mock

import pytest
from sqlalchemy import select, update
from tests.faults.chassis.toy import ORDERS, TENANT
from tests.integration.chassis.road import Road
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


def test_a_zombie_finds_its_offset_moved_and_reads_on_from_there(road: Road) -> None:
    road.place("chair")
    road.travel()
    zombie = road.mill_worker
    session = zombie._session
    assert session is not None
    road.place("chair", revisions=2)
    road.relays[0].step()
    part = next(tp for tp, position in session.positions.known().items() if position)
    with road.mill.database.write() as connection:
        assert session.positions.offsets(connection, ORDERS).advance([Move(part.partition, 1, 2)])
    road.travel()
    assert part not in session.positions.known() or session.positions.current(part) == 2
    road.travel()
    assert session.positions.current(part) == 3
    assert road.made("chair") == [1], "the record that the other one has taken is not taken again"


def test_offsets_of_another_log_are_never_used(road: Road) -> None:
    road.place("chair")
    road.travel()
    with road.mill.database.write() as connection:
        connection.execute(update(road.mill.inbox.offsets).values(bus_id="another"))
    with pytest.raises(LogReplaced):
        road.mill.worker().step()


def test_a_log_that_is_made_anew_while_we_read_it_stops_the_worker(road: Road) -> None:
    road.place("chair")
    road.travel()
    _rename_log(road)
    road.place("chair", revisions=2)
    road.relays[0].step()
    road.mill_worker._recognise_at = 0.0  # five seconds later
    with pytest.raises(LogReplaced):
        road.mill_worker.step()
    assert road.made("chair") == [1], "nothing of the other log was read"


def test_a_log_is_looked_at_anew_after_the_worker_has_waited(road: Road) -> None:
    road.place("chair")
    road.travel()
    _rename_log(road)
    road.mill_worker._back_off(BrokerUnavailable())
    with pytest.raises(LogReplaced):
        eventually(road.mill_worker.step)


def _rename_log(road: Road) -> None:
    """Let the log be another one, with a record wherever the old one had one."""
    with contextlib.closing(sqlite3.connect(road.folder / "log" / "log.db")) as log:
        log.execute("UPDATE topic SET incarnation = 'another'")
        log.commit()


def test_an_unclean_stop_puts_what_was_there_on_probation(road: Road) -> None:
    road.place("chair", revisions=2)
    road.travel()
    session = road.mill_worker._session
    assert session is not None
    session.consumer.close()  # as if it had been killed: nothing is written down
    road.mill_worker._session = None
    for subject in SAME_PARTITION:
        road.place(subject)
    road.mill.calls.clear()
    road.travel()
    assert road.mill.calls == [1, 1, 1], "one at a time"
    for subject in SAME_PARTITION:
        road.place(subject)
    road.travel()
    assert road.mill.calls == [1, 1, 1, 3], "what has come since is not suspected"
    assert road.mill.count(road.mill.inbox.attempts) == 0
    assert road.made("chair") == [1, 2, 3, 4]


def test_a_clean_stop_needs_no_probation(road: Road) -> None:
    road.place("chair", revisions=2)
    road.travel()
    road.mill_worker.close()
    for subject in SAME_PARTITION:
        road.place(subject)
    road.mill.calls.clear()
    road.travel()
    assert sum(road.mill.calls) == 3
    assert max(road.mill.calls) > 1  # on probation each would come alone


def test_failures_that_a_process_survives_are_no_deaths(road: Road) -> None:
    _leave_uncleanly(road)
    road.place("chair")
    road.relays[0].step()
    with mock.patch.object(road.mill, "apply", side_effect=Unavailable) as applied:
        road.mill_worker = road.mill.worker()
        eventually(lambda: road.mill_worker.step() or applied.call_count > 5)
    tries = select(road.mill.inbox.attempts.c.tries)
    with road.mill.database.read() as connection:
        assert connection.execute(tries).scalars().all() == [1]
    road.mill_worker.close()
    assert road.mill.count(road.mill.inbox.attempts) == 0, "it did not die"
    road.mill_worker = road.mill.worker()
    road.travel_until(lambda: road.made("chair") == [1, 2])
    assert road.dead() == 0


def test_a_partition_that_is_met_after_a_pause_is_on_probation_too(road: Road) -> None:
    _leave_uncleanly(road)
    for subject in SAME_PARTITION:
        road.place(subject)
    road.relays[0].step()
    road.mill_worker._session = road.mill_worker._open()
    road.mill_worker._session.consumer.poll(0)
    road.mill_worker._back_off(Unavailable())
    road.mill.calls.clear()
    road.travel_until(lambda: road.made("chair") == [1, 2])
    assert road.mill.calls == [1, 1, 1]


def _leave_uncleanly(road: Road) -> None:
    road.place("chair")
    road.travel()
    session, road.mill_worker._session = road.mill_worker._session, None
    assert session is not None
    session.consumer.close()  # as if it had been killed: nothing is written down


def test_a_jump_of_the_log_is_asked_about_each_time_it_is_seen(road: Road) -> None:
    road.place("chair", revisions=3)
    road.travel()
    session = road.mill_worker._session
    assert session is not None
    (tp,) = [tp for tp, position in session.positions.known().items() if position == 3]
    beyond, exact = [_record(tp, 7)], [_record(tp, 3), _record(tp, 4)]
    assert session.positions.usable(tp, beyond, 0) == ([], 3)
    assert session.positions.usable(tp, exact, 0) == (exact, None), "then it was no hole"
    assert session.positions.usable(tp, beyond, 0) == ([], 3), "what was said before is over"
    assert session.positions.usable(tp, beyond, 0) == (beyond, None), "said twice, it is a hole"


def _record(tp: TP, offset: int) -> Record:
    return Record(tp.topic, tp.partition, offset, b"k", (), b"")


def test_a_worker_leaves_in_good_order_when_its_database_is_away(road: Road) -> None:
    road.place("chair")
    road.travel()
    session = road.mill_worker._session
    assert session is not None
    with mock.patch.object(session.positions, "mark_clean", side_effect=Unavailable):
        road.mill_worker.close()
    heir = road.mill.worker()
    heir.step()
    heir._report_at = 0.0
    heir.step()
    assert len(heir.assigned) == 4, "the partitions were given back"
    heir.close()


def test_a_worker_that_lost_its_partitions_while_it_waited_knows_where_to_go_on(
    road: Road,
) -> None:
    """Otherwise it takes a partition in which nothing is left for one that is stuck."""
    road.place("chair", revisions=3)
    road.travel()
    session = road.mill_worker._session
    assert session is not None
    before = session.positions.known()
    road.mill_worker._back_off(Unavailable())
    with (
        mock.patch.object(session.consumer, "assignment", return_value=frozenset()),
        mock.patch.object(session.consumer, "end_offsets", return_value={}),
        mock.patch.object(session.consumer, "seek") as seek,
    ):
        eventually(lambda: road.mill_worker.step() or not road.mill_worker._resume_at)
    assert session.positions.known() == before
    assert {(tp, 3) for tp, position in before.items() if position == 3} <= {
        call.args for call in seek.call_args_list
    }
