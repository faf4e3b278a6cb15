"""One row that another transaction holds stops its own subject, and nobody else for long."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, insert, select, text
from tests.faults.chassis.toy import ORDERS, TENANT
from tests.integration.chassis.pipeline import Pipeline
from tests.integration.chassis.test_positions import SAME_PARTITION
from tests.support.waiting import eventually

from chassis.messaging.operating.dead_letters import NoSuchDeadLetter, Who, skip
from chassis.messaging.receiving.dead_letters import DeadLetters
from chassis.messaging.receiving.inbox import Inbox
from chassis.storage.database import Database, Timeouts

pytestmark = [
    pytest.mark.servers,
    pytest.mark.parametrize("new_database", ["postgresql"], indirect=True),
]
IMPATIENT = Timeouts(lock_seconds=0.2, answer_seconds=5.0)
ELSEWHERE = [f"bench-{number}" for number in range(10)]


@pytest.fixture
def quick(pipeline: Pipeline) -> Iterator[Pipeline]:
    """A pipeline whose mill does not wait long for a lock."""
    pipeline.mill.database.close()
    pipeline.mill.database = Database.open(pipeline.urls["mill"], timeouts=IMPATIENT)
    pipeline.mill_worker = pipeline.mill.worker()
    return pipeline


@contextmanager
def in_the_way_of(pipeline: Pipeline, subject: str) -> Iterator[Connection]:
    """Hold, in another transaction, what the effect of a placed order would need."""
    outbox = pipeline.shop.outbox.events.c
    with pipeline.shop.database.read() as connection:
        chosen = select(outbox.event_id).where(outbox.subject == subject)
        event = connection.execute(chosen).scalar_one()
    with pipeline.mill.database.engine.connect() as holder, holder.begin() as transaction:
        holder.execute(insert(pipeline.mill.effects).values(cause=event, subject="-", sequence=0))
        yield holder
        transaction.rollback()


def test_a_record_that_others_are_in_the_way_of_is_set_aside_and_all_others_go_on(
    quick: Pipeline,
) -> None:
    first, contended, last = SAME_PARTITION
    for subject in (*ELSEWHERE, first, contended, last):
        quick.place(subject)
    with in_the_way_of(quick, contended):
        quick.travel_until(lambda: quick.dead(reason_code="contended", subject=contended))
        others = {*ELSEWHERE, first, last}
        quick.travel_until(lambda: all(quick.made(subject) == [1] for subject in others))
        assert quick.made(contended) == []
    quick.travel_until(lambda: quick.made(contended) == [1])
    assert quick.dead() == 1
    assert quick.findings() == []


def test_others_do_not_wait_until_it_is_set_aside(quick: Pipeline) -> None:
    first, contended, _ = SAME_PARTITION
    for subject in (*ELSEWHERE, first, contended):
        quick.place(subject)
    with in_the_way_of(quick, contended):
        others = {*ELSEWHERE, first}
        quick.travel_until(lambda: all(quick.made(subject) == [1] for subject in others))
        assert quick.dead() == 0
    quick.travel_until(lambda: quick.made(contended) == [1])
    assert quick.dead() == 0, "it was not for long"


def test_whoever_skips_waits_for_the_worker_and_nobody_deadlocks(quick: Pipeline) -> None:
    quick.mill.break_for("raise", ["chair"])
    quick.place("chair")
    quick.travel_until(lambda: quick.dead(status="open", subject="chair"))
    mill, raised = quick.mill, list[Exception]()
    with mill.database.read() as connection:
        letter = connection.execute(select(mill.inbox.dead.c.id)).scalar_one()

    def skipping() -> None:
        database = Database.open(quick.urls["mill"])
        try:
            with database.write() as connection:
                skip(connection, mill.inbox, mill.audit, letter, Who("ada", "a mistake"))
        except NoSuchDeadLetter as error:
            raised.append(error)
        database.close()

    with mill.database.write() as worker:
        Inbox(worker, mill.inbox, ORDERS).lock([(TENANT, "chair")])
        operator = threading.Thread(target=skipping)
        operator.start()
        eventually(lambda: _waits_for_a_lock(mill.database))
        DeadLetters(worker, mill.inbox).settle(letter, "done")
    operator.join()
    assert len(raised) == 1
    assert quick.dead(status="done") == 1


def _waits_for_a_lock(database: Database) -> bool:
    with database.read() as connection:
        return connection.execute(_WAITING).first() is not None


_WAITING = text(
    "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
)
