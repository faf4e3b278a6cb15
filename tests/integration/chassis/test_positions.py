"""Where a worker reads on, and when it goes carefully."""

import contextlib
import sqlite3

import pytest
from sqlalchemy import update
from tests.faults.chassis.toy import ORDERS, TENANT
from tests.integration.chassis.road import Road

from chassis.messaging.broker import BrokerUnavailable
from chassis.messaging.partitioner import partition_of
from chassis.storage.offsets import LogReplaced, Move
from chassis.testing.waiting import eventually

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
