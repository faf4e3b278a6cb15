"""A message that cannot be applied waits, with its subject and with nobody else."""

from unittest import mock

import pytest
from sqlalchemy import select
from tests.faults.chassis.toy import ORDERS
from tests.integration.chassis.pipeline import Pipeline, order
from tests.support.outbox import published
from tests.support.waiting import eventually

from chassis.messaging.operating.dead_letters import NoSuchDeadLetter, Who, redrive, skip
from chassis.messaging.port import Outgoing
from chassis.messaging.receiving.admission import Breaker
from chassis.messaging.receiving.dead_letters import DeadLetters
from chassis.messaging.receiving.delivery import Delivery
from chassis.messaging.receiving.inbox import stored_message
from chassis.storage.database import Unavailable


def test_one_bad_message_blocks_its_subject_and_nobody_else(pipeline: Pipeline) -> None:
    pipeline.mill.break_for("raise", ["chair"])
    for subject in ("bench", "chair", "table"):
        pipeline.place(subject, revisions=2)
    pipeline.travel()
    assert (pipeline.made("bench"), pipeline.made("chair"), pipeline.made("table")) == (
        [1, 2],
        [],
        [1, 2],
    )
    assert pipeline.dead(status="retry", subject="chair", seq=1, reason_code="handler-failed") == 1
    assert pipeline.parked() == 1
    assert pipeline.findings(settled=False) == []


def test_a_blocked_subject_is_announced_once_and_cleared_by_the_retry(pipeline: Pipeline) -> None:
    pipeline.mill_worker = pipeline.mill.worker(retry_us=300_000)  # so that a slow machine sees it
    pipeline.mill.break_for("raise", ["chair"])
    pipeline.place("chair")
    pipeline.travel_until(lambda: pipeline.dead(status="retry") and _attempts(pipeline) >= 3)
    assert pipeline.mill.count(published(pipeline.mill.outbox), subject="chair") == 1
    pipeline.mill.fix("raise")
    pipeline.travel_until(lambda: pipeline.made("chair") == [1])
    assert pipeline.dead(status="done") == 1
    assert pipeline.mill.count(published(pipeline.mill.outbox), subject="chair") == 2
    assert pipeline.findings() == []


def test_what_is_set_aside_again_is_not_announced_again(pipeline: Pipeline) -> None:
    pipeline.place("chair")
    pipeline.travel()
    mill = pipeline.mill
    announced = mill.count(published(mill.outbox), subject="chair")
    for expected in (1, 1):
        pipeline.inject(order("chair", 1))
        pipeline.travel_until(lambda: pipeline.dead(status="open"))
        assert mill.count(published(mill.outbox), subject="chair") == announced + expected
        with mill.database.write() as connection:
            dead = connection.execute(select(mill.inbox.dead.c.id)).scalar_one()
            skip(connection, mill.inbox, mill.audit, dead, Who("ada", "an old backup"))


def test_after_five_retries_only_a_redrive_helps(pipeline: Pipeline) -> None:
    pipeline.mill.break_for("raise", ["chair"])
    pipeline.place("chair", revisions=2)
    pipeline.travel_until(lambda: pipeline.dead(status="open"))
    at_first = ["with its batch", "alone"]
    assert len(pipeline.mill.calls) == len(at_first) + 5
    assert pipeline.dead(status="open", attempts=6) == 1, "the first attempt counts too"
    pipeline.mill.fix("raise")
    pipeline.travel()
    assert pipeline.made("chair") == []
    with pipeline.mill.database.write() as connection:
        assert redrive(connection, pipeline.mill.inbox, subject="chair") == 1
    pipeline.travel_until(lambda: pipeline.made("chair") == [1, 2])
    assert pipeline.findings() == []


def test_a_duplicate_of_the_quarantined_message_is_not_left_behind(pipeline: Pipeline) -> None:
    pipeline.mill.break_for("raise", ["chair"])
    pipeline.place("chair")
    first = pipeline.take_from_outbox("chair", 1)
    pipeline.inject(first)
    pipeline.travel()
    pipeline.inject(first)
    pipeline.travel()
    assert pipeline.parked() == 0
    pipeline.mill.fix("raise")
    pipeline.travel_until(lambda: pipeline.made("chair") == [1])
    assert pipeline.findings() == []


def test_a_skipped_message_lets_its_subject_go_on(pipeline: Pipeline) -> None:
    pipeline.mill.break_for("raise", ["chair"])
    pipeline.place("chair", revisions=1)
    pipeline.travel()
    pipeline.mill.fix("raise")
    with pipeline.mill.database.write() as connection:
        dead = connection.execute(select(pipeline.mill.inbox.dead.c.id)).scalar_one()
        skip(
            connection,
            pipeline.mill.inbox,
            pipeline.mill.audit,
            dead,
            Who("ada", "ordered by mistake"),
        )
    pipeline.place("chair", revisions=2)
    pipeline.travel()
    assert pipeline.made("chair") == [2, 3]
    assert pipeline.mill.count(pipeline.mill.audit, action="message.skipped", actor="ada") == 1
    with pipeline.mill.database.write() as connection, pytest.raises(NoSuchDeadLetter):
        skip(connection, pipeline.mill.inbox, pipeline.mill.audit, dead, Who("ada", "again"))


def test_a_skip_sets_the_parked_messages_free(pipeline: Pipeline) -> None:
    pipeline.mill.break_for("raise", ["chair"])
    pipeline.place("chair", revisions=3)
    pipeline.travel()
    pipeline.mill.fix("raise")
    with pipeline.mill.database.write() as connection:
        dead = connection.execute(select(pipeline.mill.inbox.dead.c.id)).scalar_one()
        skip(
            connection,
            pipeline.mill.inbox,
            pipeline.mill.audit,
            dead,
            Who("ada", "ordered by mistake"),
        )
    pipeline.travel_until(lambda: pipeline.made("chair") == [2, 3])
    assert pipeline.parked() == 0


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
    pipeline: Pipeline, record: Outgoing, code: str
) -> None:
    pipeline.inject(record)
    pipeline.place("table")
    pipeline.travel()
    assert pipeline.dead() == 1
    assert pipeline.dead(status="open", reason_code=code) == 1
    assert pipeline.made("table") == [1]


def test_a_key_that_contradicts_the_headers_is_refused(pipeline: Pipeline) -> None:
    honest = order("chair", 1)
    pipeline.inject(Outgoing(ORDERS, b"other:chair", honest.headers, honest.value))
    pipeline.travel()
    assert pipeline.dead(reason_code="unreadable-headers") == 1
    assert pipeline.made("chair") == []


def test_a_sequence_number_used_twice_stops_the_subject(pipeline: Pipeline) -> None:
    pipeline.place("chair")
    pipeline.travel()
    pipeline.inject(order("chair", 1))
    pipeline.inject(order("chair", 2))
    pipeline.travel()
    assert pipeline.dead(reason_code="sequence-reused", status="open") == 1
    assert pipeline.made("chair") == [1]
    assert pipeline.parked() == 1, (
        "what follows waits, and is not taken for the quarantined message"
    )


def test_when_everything_fails_the_circuit_opens_and_nothing_more_is_buried(
    pipeline: Pipeline,
) -> None:
    subjects = [f"chair-{number}" for number in range(40)]
    pipeline.mill_worker = pipeline.mill.worker(breaker=Breaker(in_a_row=5))
    pipeline.mill.break_for("raise", subjects)
    for subject in subjects:
        pipeline.accepted += pipeline.shop.place_all([subject])
        pipeline.relays[0].step()
        pipeline.mill_worker.step()
    assert pipeline.mill_worker.circuit_open
    assert pipeline.dead() <= 5
    pipeline.mill_worker.close()
    pipeline.mill.fix("raise")
    pipeline.mill_worker = pipeline.mill.worker()
    pipeline.travel_until(lambda: pipeline.mill.count(pipeline.mill.effects) == 40)
    assert pipeline.findings() == []


def test_a_retry_that_the_database_failed_is_not_counted(pipeline: Pipeline) -> None:
    pipeline.mill.break_for("raise", ["chair"])
    pipeline.place("chair")
    pipeline.travel()
    pipeline.mill.fix("raise")
    pipeline.mill_worker.close()
    before = _attempts(pipeline)
    with mock.patch.object(pipeline.mill, "apply", side_effect=Unavailable) as applied:
        pipeline.mill_worker = pipeline.mill.worker()
        eventually(lambda: pipeline.mill_worker.step() or applied.call_count > 6)
    assert pipeline.dead(status="retry") == 1
    pipeline.mill_worker.close()
    pipeline.mill_worker = pipeline.mill.worker()
    pipeline.travel_until(lambda: pipeline.made("chair") == [1])
    # one was not given back, because the worker left, and one succeeded
    assert before < _attempts(pipeline) <= before + 2


def _attempts(pipeline: Pipeline) -> int:
    with pipeline.mill.database.read() as connection:
        return connection.execute(select(pipeline.mill.inbox.dead.c.attempts)).scalar_one()


def test_a_message_that_is_given_up_while_it_is_tried_stays_given_up(pipeline: Pipeline) -> None:
    pipeline.mill.break_for("raise", ["chair"])
    pipeline.place("chair")
    pipeline.travel()
    session = pipeline.mill_worker._session
    assert session is not None
    with pipeline.mill.database.write() as connection:
        letter = connection.execute(select(pipeline.mill.inbox.dead)).one()
        assert DeadLetters(connection, pipeline.mill.inbox).claim(letter.id, letter.attempts, 0)
    with pipeline.mill.database.write() as connection:
        skip(
            connection, pipeline.mill.inbox, pipeline.mill.audit, letter.id, Who("ada", "a mistake")
        )
    pipeline.mill.fix("raise")
    with pipeline.mill.database.write() as connection:
        message = stored_message(ORDERS, letter.headers, letter.value)
        Delivery(connection, session.batches._contexts[ORDERS]).retry(message, letter.id)
    assert pipeline.dead(status="skipped") == 1
    assert pipeline.made("chair") == []
