"""Whether new work may come in is found out by one request, and no other waits for it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection
from tests.support.waiting import eventually

from chassis.storage.database import Database, Unavailable
from intake.routes import Admission
from intake.routes import admission as module


class Silent(Database):
    """A database that keeps silent until a test ends it, and then cannot be had."""

    def __init__(self) -> None:
        self.asked = 0
        self.answer = threading.Event()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        self.asked += 1
        assert self.answer.wait(10)
        raise Unavailable("it keeps silent")
        yield


@pytest.fixture
def database() -> Iterator[Silent]:
    made = Silent()
    yield made
    made.answer.set()


@pytest.fixture
def admission(database: Silent, tmp_path: Path) -> Admission:
    return Admission(database, tmp_path, longest_queue=10, least_free_bytes=1)


def test_nobody_waits_for_a_database_that_another_request_has_asked(
    admission: Admission, database: Silent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHECK_EVERY_S", 3_600.0)
    asking = threading.Thread(target=_refused, args=(admission,))
    asking.start()
    eventually(lambda: database.asked)
    for _ in range(20):
        admission.check()  # nothing is known yet: they find out for themselves
    database.answer.set()
    asking.join()
    for _ in range(20):
        _refused(admission)
    assert database.asked == 1


def test_what_was_seen_last_counts_while_somebody_looks_again(
    admission: Admission, database: Silent, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.answer.set()
    _refused(admission)
    database.answer.clear()
    monkeypatch.setattr(module, "CHECK_EVERY_S", -1.0)
    asking = threading.Thread(target=_refused, args=(admission,))
    asking.start()
    eventually(lambda: database.asked == 2)
    _refused(admission)
    assert asking.is_alive(), "the answer came from memory"
    database.answer.set()
    asking.join()


def _refused(admission: Admission) -> None:
    with pytest.raises(Unavailable):
        admission.check()
