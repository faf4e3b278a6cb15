"""Two at the same time: with one key, on one partition, on the same subjects."""

import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import MetaData
from tests.support.servers.databases import NewDatabase
from tests.support.waiting import mostly

from chassis.messaging.receiving.inbox import Inbox, Stream, inbox_tables
from chassis.messaging.receiving.offsets import Move, Offsets
from chassis.storage.database import REQUEST_TIMEOUTS, Database, Unavailable
from chassis.storage.idempotency import IdempotencyKeys, KeyInUse, Stored, idempotency_table

METADATA = MetaData()
KEYS, INBOX = idempotency_table(METADATA), inbox_tables(METADATA)
REFUSED_WITHIN, WAITS_AT_LEAST = 2.0, 1.0
ANSWER = Stored(202, b'{"id": 1}', "{}")


@pytest.fixture
def database(database: Database) -> Database:
    with database.write() as connection:
        METADATA.create_all(connection)
    return database


def in_parallel(work: Callable[[int], Any], times: int) -> list[Any]:
    """Do it in as many threads at once; returns what each returned."""
    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(work, range(times)))


def test_of_many_requests_with_one_key_one_works_and_all_get_its_answer(
    database: Database,
) -> None:
    worked = []

    def request(number: int) -> Stored:
        with database.write() as connection:
            keys = IdempotencyKeys(connection, KEYS)
            known = keys.claim("acme", "client", "k", "h")
            if known is None:
                worked.append(number)
                keys.store("acme", "client", "k", ANSWER)
            return known or ANSWER

    assert in_parallel(request, 12) == [ANSWER] * 12
    assert len(worked) == 1


def test_a_twin_does_not_wait_for_ever(new_database: NewDatabase) -> None:
    url = new_database("twins")
    first, second = Database.open(url), Database.open(url, timeouts=REQUEST_TIMEOUTS)
    with first.write() as connection:
        METADATA.create_all(connection)
    second.ping()
    with first.write() as connection:
        IdempotencyKeys(connection, KEYS).claim("acme", "client", "k", "h")
        assert mostly(lambda: _refused(second), REFUSED_WITHIN) < REFUSED_WITHIN
    first.close()
    second.close()


def _refused(second: Database) -> float:
    """For how many seconds a twin waits; on SQLite it does not even come as far as the key."""
    began = time.monotonic()
    with pytest.raises((KeyInUse, Unavailable)), second.write() as twin:
        IdempotencyKeys(twin, KEYS).claim("acme", "client", "k", "h")
    took = time.monotonic() - began
    assert took > WAITS_AT_LEAST
    return took


def test_of_two_workers_on_one_partition_one_gets_the_offset(database: Database) -> None:
    with database.write() as connection:
        Offsets(connection, INBOX, "log", "t").prepare(1)
    together = threading.Barrier(2)

    def advance(_number: int) -> bool:
        together.wait(10)
        with database.write() as connection:
            return Offsets(connection, INBOX, "log", "t").advance([Move(0, 0, 5)])

    assert sorted(in_parallel(advance, 2)) == [False, True]


def test_partitions_move_together_or_somebody_else_has_one_of_them(database: Database) -> None:
    with database.write() as connection:
        Offsets(connection, INBOX, "log", "t").prepare(3)
    with database.write() as connection:
        offsets = Offsets(connection, INBOX, "log", "t")
        assert offsets.advance([Move(0, 0, 5), Move(2, 0, 7)])
        assert not offsets.advance([Move(0, 5, 6), Move(1, 0, 1), Move(2, 5, 9)])
        assert [place.next_offset for place in offsets.all().values()][2] == 7


def test_batches_that_name_the_same_subjects_in_any_order_do_not_deadlock(
    database: Database,
) -> None:
    subjects = [("acme", f"chair-{number}") for number in range(40)]

    def batch(number: int) -> int:
        for turn in range(5):
            with database.write() as connection:
                inbox = Inbox(connection, INBOX, "t")
                streams = inbox.lock(_shuffled(subjects, number + turn))
                for stream in streams.values():
                    stream.last += 1
                inbox.mark(streams.items())
        return number

    assert in_parallel(batch, 4) == [0, 1, 2, 3]
    with database.write() as connection:
        after = Inbox(connection, INBOX, "t").lock(subjects)
    assert list(after.values()) == [Stream(20, 0, None)] * 40


def _shuffled(subjects: Sequence[tuple[str, str]], seed: int) -> list[tuple[str, str]]:
    return random.Random(seed).sample(subjects, len(subjects))
