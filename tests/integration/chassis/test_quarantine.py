"""A message that cannot be applied waits, with its subject and with nobody else."""

from unittest import mock

import pytest
from sqlalchemy import select
from tests.faults.chassis.toy import ORDERS
from tests.integration.chassis.road import Road, order
from tests.support.waiting import eventually

from chassis.messaging.operating.dead_letters import NoSuchDeadLetter, Who, redrive, skip
from chassis.messaging.port import Outgoing
from chassis.messaging.receiving.admission import Breaker
from chassis.messaging.receiving.dead_letters import Graveyard
from chassis.messaging.receiving.delivery import Delivery
from chassis.messaging.receiving.inbox import stored_message
from chassis.storage.database import Unavailable


def test_one_bad_message_blocks_its_subject_and_nobody_else(road: Road) -> None:
    road.mill.break_for("raise", ["chair"])
    for subject in ("bench", "chair", "table"):
        road.place(subject, revisions=2)
    road.travel()
    assert (road.made("bench"), road.made("chair"), road.made("table")) == ([1, 2], [], [1, 2])
    assert road.dead(status="retry", subject="chair", seq=1, reason_code="handler-failed") == 1
    assert road.parked() == 1
    assert road.findings(settled=False) == []


def test_a_blocked_subject_is_announced_once_and_cleared_by_the_retry(road: Road) -> None:
    road.mill_worker = road.mill.worker(retry_us=300_000)  # so that a slow machine sees it
    road.mill.break_for("raise", ["chair"])
    road.place("chair")
    road.travel_until(lambda: road.dead(status="retry") and _attempts(road) >= 3)
    assert road.mill.count(road.mill.outbox.sent, subject="chair") == 1
    road.mill.fix("raise")
    road.travel_until(lambda: road.made("chair") == [1])
    assert road.dead(status="done") == 1
    assert road.mill.count(road.mill.outbox.sent, subject="chair") == 2
    assert road.findings() == []


def test_after_five_attempts_only_a_redrive_helps(road: Road) -> None:
    road.mill.break_for("raise", ["chair"])
    road.place("chair", revisions=2)
    road.travel_until(lambda: road.dead(status="open"))
    road.mill.fix("raise")
    road.travel()
    assert road.made("chair") == []
    with road.mill.database.write() as connection:
        assert redrive(connection, road.mill.inbox, subject="chair") == 1
    road.travel_until(lambda: road.made("chair") == [1, 2])
    assert road.findings() == []


def test_a_duplicate_of_the_quarantined_message_is_not_left_behind(road: Road) -> None:
    road.mill.break_for("raise", ["chair"])
    road.place("chair")
    first = road.take_from_outbox("chair", 1)
    road.inject(first)
    road.travel()
    road.inject(first)
    road.travel()
    assert road.parked() == 0
    road.mill.fix("raise")
    road.travel_until(lambda: road.made("chair") == [1])
    assert road.findings() == []


def test_a_skipped_message_lets_its_subject_go_on(road: Road) -> None:
    road.mill.break_for("raise", ["chair"])
    road.place("chair", revisions=1)
    road.travel()
    road.mill.fix("raise")
    with road.mill.database.write() as connection:
        dead = connection.execute(select(road.mill.inbox.dead.c.id)).scalar_one()
        skip(connection, road.mill.inbox, road.mill.audit, dead, Who("ada", "ordered by mistake"))
    road.place("chair", revisions=2)
    road.travel()
    assert road.made("chair") == [2, 3]
    assert road.mill.count(road.mill.audit, action="message.skipped", actor="ada") == 1
    with road.mill.database.write() as connection, pytest.raises(NoSuchDeadLetter):
        skip(connection, road.mill.inbox, road.mill.audit, dead, Who("ada", "again"))


def test_a_skip_sets_the_parked_messages_free(road: Road) -> None:
    road.mill.break_for("raise", ["chair"])
    road.place("chair", revisions=3)
    road.travel()
    road.mill.fix("raise")
    with road.mill.database.write() as connection:
        dead = connection.execute(select(road.mill.inbox.dead.c.id)).scalar_one()
        skip(connection, road.mill.inbox, road.mill.audit, dead, Who("ada", "ordered by mistake"))
    road.travel_until(lambda: road.made("chair") == [2, 3])
    assert road.parked() == 0


@pytest.mark.parametrize(
    ("record", "code"),
    [
        (Outgoing(ORDERS, b"acme:chair", [], b"\xff\x00"), "unreadable-headers"),
        (Outgoing(ORDERS, None, [], b"{}"), "unreadable-headers"),
        (Outgoing(ORDERS, b"acme:chair", [("ce_id", b"\xff")], b"{}"), "unreadable-headers"),
        (order("cha\0ir", 1), "unreadable-headers"),
        (order("chair" * 600, 1), "unreadable-headers"),
        (order("chair", 1, data=b"not json"), "body-not-json"),
        (order("chair", 1, version=2), "unknown-version"),
    ],
    ids=["no headers", "no key", "not text", "NUL", "too long", "not JSON", "unknown version"],
)
def test_a_poisonous_record_becomes_one_dead_letter(
    road: Road, record: Outgoing, code: str
) -> None:
    road.inject(record)
    road.place("table")
    road.travel()
    assert road.dead() == 1
    assert road.dead(status="open", reason_code=code) == 1
    assert road.made("table") == [1]


def test_a_key_that_contradicts_the_headers_is_refused(road: Road) -> None:
    honest = order("chair", 1)
    road.inject(Outgoing(ORDERS, b"other:chair", honest.headers, honest.value))
    road.travel()
    assert road.dead(reason_code="unreadable-headers") == 1
    assert road.made("chair") == []


def test_a_sequence_number_used_twice_stops_the_subject(road: Road) -> None:
    road.place("chair")
    road.travel()
    road.inject(order("chair", 1))
    road.inject(order("chair", 2))
    road.travel()
    assert road.dead(reason_code="sequence-reused", status="open") == 1
    assert road.made("chair") == [1]
    assert road.parked() == 1, "what follows waits, and is not taken for the quarantined message"


def test_when_everything_fails_the_circuit_opens_and_nothing_more_is_buried(road: Road) -> None:
    subjects = [f"chair-{number}" for number in range(40)]
    road.mill_worker = road.mill.worker(breaker=Breaker(in_a_row=5))
    road.mill.break_for("raise", subjects)
    for subject in subjects:
        road.told += road.desk.place_all([subject])
        road.relays[0].step()
        road.mill_worker.step()
    assert road.mill_worker.circuit_open
    assert road.dead() <= 5
    road.mill_worker.close()
    road.mill.fix("raise")
    road.mill_worker = road.mill.worker()
    road.travel_until(lambda: road.mill.count(road.mill.effects) == 40)
    assert road.findings() == []


def test_a_retry_that_the_database_failed_is_not_counted(road: Road) -> None:
    road.mill.break_for("raise", ["chair"])
    road.place("chair")
    road.travel()
    road.mill.fix("raise")
    road.mill_worker.close()
    before = _attempts(road)
    with mock.patch.object(road.mill, "apply", side_effect=Unavailable) as applied:
        road.mill_worker = road.mill.worker()
        eventually(lambda: road.mill_worker.step() or applied.call_count > 6)
    assert road.dead(status="retry") == 1
    road.mill_worker.close()
    road.mill_worker = road.mill.worker()
    road.travel_until(lambda: road.made("chair") == [1])
    # one was not given back, because the worker left, and one succeeded
    assert before < _attempts(road) <= before + 2


def _attempts(road: Road) -> int:
    with road.mill.database.read() as connection:
        return connection.execute(select(road.mill.inbox.dead.c.attempts)).scalar_one()


def test_a_message_that_is_given_up_while_it_is_tried_stays_given_up(road: Road) -> None:
    road.mill.break_for("raise", ["chair"])
    road.place("chair")
    road.travel()
    session = road.mill_worker._session
    assert session is not None
    with road.mill.database.write() as connection:
        letter = connection.execute(select(road.mill.inbox.dead)).one()
        assert Graveyard(connection, road.mill.inbox).claim(letter.id, letter.attempts, 0)
    with road.mill.database.write() as connection:
        skip(connection, road.mill.inbox, road.mill.audit, letter.id, Who("ada", "a mistake"))
    road.mill.fix("raise")
    with road.mill.database.write() as connection:
        message = stored_message(ORDERS, letter.headers, letter.value)
        Delivery(connection, session.batches._terms[ORDERS]).retry(message, letter.id)
    assert road.dead(status="skipped") == 1
    assert road.made("chair") == []
