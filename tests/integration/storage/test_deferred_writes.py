"""What is written late is written whole: numbers, keys and events go with their transaction."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from itertools import groupby
from typing import Any

import pytest
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    MetaData,
    Table,
    Text,
    bindparam,
    func,
    insert,
    select,
)
from sqlalchemy.exc import IntegrityError
from tests.support.servers.databases import NewDatabase, statements
from tests.support.waiting import eventually

from chassis.envelope import Event, load_headers
from chassis.messaging.sending.outbox import Outbox, outbox_tables
from chassis.storage.audit import Audit, AuditRow, audit_table
from chassis.storage.database import REQUEST_TIMEOUTS, Database, Unavailable, after_commit
from chassis.storage.deferred import defer, flush
from chassis.storage.idempotency import IdempotencyKeys, Stored, idempotency_table

METADATA = MetaData()
KEYS, OUTBOX, AUDIT = idempotency_table(METADATA), outbox_tables(METADATA), audit_table(METADATA)
CHAIRS = Table(
    "chairs", METADATA, Column("name", Text, primary_key=True), Column("size", BigInteger)
)
LEGS = Table(
    "legs",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("chair", Text, ForeignKey(CHAIRS.c.name), nullable=False),
)
ADD_CHAIR = insert(CHAIRS).values({c: bindparam(c.name) for c in CHAIRS.c})
ADD_LEG = insert(LEGS).values({c: bindparam(c.name) for c in LEGS.c})
KEY = ("acme", "client", "k")
ANSWER = Stored(202, b"{}", "{}")
WRITERS, TURNS = 4, 15


@pytest.fixture
def database(database: Database) -> Database:
    with database.write() as connection:
        METADATA.create_all(connection)
    return database


@pytest.fixture
def hasty(new_database: NewDatabase) -> Iterator[tuple[Database, Database]]:
    """Two who use one database; the second does not wait long."""
    url = new_database("shared")
    pair = Database.open(url), Database.open(url, timeouts=REQUEST_TIMEOUTS)
    with pair[0].write() as connection:
        METADATA.create_all(connection)
    yield pair
    for database in pair:
        database.close()


def event(subject: str, event_id: str) -> Event:
    return Event(
        topic="t",
        type="chair.made",
        tenant_id="acme",
        subject=subject,
        revision=1,
        data=b"{}",
        source="/x",
        dataschema="x/1",
        event_id=event_id,
        correlation_id="c",
        occurred_at="2026-01-01T00:00:00Z",
    )


def make_chair(connection: Connection, name: str, *subjects: str) -> None:
    """Write all that one request of a service writes, nothing of which anybody reads at once."""
    defer(connection, ADD_CHAIR, {"name": name, "size": 1})
    defer(connection, ADD_LEG, {"name": f"leg of {name}", "chair": name})
    Audit(connection, AUDIT).add(AuditRow("acme", name, 1, "chair.made", "client", "r", 1))
    events = [event(subject, f"{name}-{i}") for i, subject in enumerate(subjects or (name,))]
    Outbox(connection, OUTBOX).add_all(events)


def request(database: Database, name: str) -> Stored:
    """Handle a request with a key, as the web process does."""
    with database.write() as connection:
        keys = IdempotencyKeys(connection, KEYS)
        if known := keys.claim(*KEY, "hash"):
            return known
        make_chair(connection, name)
        keys.store(*KEY, ANSWER)
        return replace(ANSWER, response=b"the first answer")


def counts(database: Database) -> dict[str, int]:
    tables = (CHAIRS, LEGS, AUDIT, KEYS, OUTBOX.head, OUTBOX.events, OUTBOX.pending)
    with database.read() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables
        }


def numbered(database: Database) -> list[tuple[str, int, str]]:
    """Subject, number, and the number in the headers of all events, in the order of the relay."""
    events = OUTBOX.events.c
    chosen = select(events.subject, events.seq, events.headers).order_by(events.id)
    with database.read() as connection:
        return [
            (subject, number, dict(load_headers(headers))["ce_sequence"].decode())
            for subject, number, headers in connection.execute(chosen)
        ]


def expect_no_gaps(database: Database) -> None:
    """In the order in which the relay sends them, each subject's events count from one."""
    events = sorted(numbered(database), key=lambda one: one[0])  # stable: keeps the relay's order
    for subject, of_one in groupby(events, key=lambda one: one[0]):
        rows = [(number, header) for _, number, header in of_one]
        assert rows == [(n, str(n)) for n in range(1, len(rows) + 1)], subject


NOTHING = dict.fromkeys(
    ("chairs", "legs", "audit", "idempotency_key", "stream_head", "outbox", "outbox_pending"), 0
)
ONE_EACH = dict.fromkeys(NOTHING, 1)


def test_parent_and_child_may_be_written_together(database: Database) -> None:
    with database.write() as connection, statements(connection) as sent:
        make_chair(connection, "a")
        flush(connection)
    assert len(sent) == 1 or database.dialect == "sqlite"
    assert counts(database) == ONE_EACH | {"idempotency_key": 0}


def test_the_last_of_all_writes_undoes_them_all(database: Database) -> None:
    with pytest.raises(IntegrityError):
        _refused_for_a_leg(database)
    assert counts(database) == NOTHING
    assert request(database, "a").response == b"the first answer"
    assert counts(database) == ONE_EACH
    assert numbered(database) == [("a", 1, "1")]


def _refused_for_a_leg(database: Database) -> None:
    """Fail at the last write; SQLite checks no foreign keys here, so a name is used twice."""
    with database.write() as connection:
        keys = IdempotencyKeys(connection, KEYS)
        assert keys.claim(*KEY, "hash") is None
        make_chair(connection, "a")
        leg = {"postgresql": ("b", "nobody's"), "sqlite": ("leg of a", "a")}[database.dialect]
        keys.store(*KEY, ANSWER)
        defer(connection, ADD_LEG, dict(zip(("name", "chair"), leg, strict=True)))


def test_a_request_that_failed_late_leaves_its_key_free_and_no_gap(database: Database) -> None:
    with database.write() as connection:
        defer(connection, ADD_CHAIR, {"name": "taken", "size": 1})
    before = counts(database)
    with pytest.raises(IntegrityError):
        request(database, "taken")
    assert counts(database) == before
    assert request(database, "free").response == b"the first answer"
    assert request(database, "free") == ANSWER
    assert numbered(database) == [("free", 1, "1")]


def test_nobody_hears_of_a_commit_that_a_late_write_prevented(database: Database) -> None:
    received: list[str] = []

    def fail() -> None:
        with database.write() as connection:
            after_commit(connection, lambda: received.append("a commit"))
            make_chair(connection, "a")
            defer(connection, ADD_CHAIR, {"name": "a", "size": 2})

    with pytest.raises(IntegrityError):
        fail()
    with database.write() as connection:
        make_chair(connection, "b")
    assert received == []


def test_an_error_after_a_savepoint_undoes_what_came_after_it_only(database: Database) -> None:
    with database.write() as connection:
        make_chair(connection, "a")
        savepoint = connection.begin_nested()
        make_chair(connection, "b", "a")
        with pytest.raises(IntegrityError):
            _write_again(connection, "a")
        savepoint.rollback()
        make_chair(connection, "c", "a")
    assert numbered(database) == [("a", 1, "1"), ("a", 2, "2")]
    assert counts(database)["chairs"] == counts(database)["audit"] == len(("a", "c"))


def _write_again(connection: Connection, name: str) -> None:
    defer(connection, ADD_CHAIR, {"name": name, "size": 2})
    flush(connection)


def test_writers_of_the_same_subjects_leave_no_gap_and_none_out_of_order(
    database: Database,
) -> None:
    def write(writer: int) -> None:
        for turn in range(TURNS):
            subjects = ("a", "b", "a") if writer % 2 else ("b",)
            fails = turn % 3 == 0
            with suppress(ZeroDivisionError), database.write() as connection:
                make_chair(connection, f"{writer}-{turn}", *subjects)
                flush(connection)
                if fails:
                    raise ZeroDivisionError

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    expect_no_gaps(database)
    written = WRITERS * (TURNS - TURNS // 3)
    assert counts(database)["chairs"] == written
    assert len(numbered(database)) == written * 2  # three of the one half, one of the other


def test_whoever_waits_too_long_for_a_late_write_is_told_to_come_again(
    hasty: tuple[Database, Database],
) -> None:
    first, second = hasty
    with first.write() as connection:
        make_chair(connection, "a")
        flush(connection)
        with pytest.raises(Unavailable):
            request(second, "a")
    assert counts(second) == ONE_EACH | {"idempotency_key": 0}
    assert request(second, "b").response == b"the first answer"


@pytest.mark.servers
@pytest.mark.parametrize("new_database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("kept", [True, False])
def test_a_commit_without_an_answer_is_either_whole_or_nothing(
    hasty: tuple[Database, Database], kept: bool
) -> None:
    _, database = hasty

    with pytest.raises(Unavailable):
        _commit_unheard(database, kept=kept)
    expected = ONE_EACH if kept else NOTHING
    eventually(lambda: counts(database) == expected, what="the end of that transaction")
    answer = request(database, "a")
    assert (answer == ANSWER) is kept
    assert counts(database) == ONE_EACH
    assert numbered(database) == [("a", 1, "1")]


def _commit_unheard(database: Database, *, kept: bool) -> None:
    """Lose the connection at the commit: the server hears of it all the same, or does not."""
    with database.write() as connection:
        keys = IdempotencyKeys(connection, KEYS)
        assert keys.claim(*KEY, "hash") is None
        make_chair(connection, "a")
        keys.store(*KEY, ANSWER)
        flush(connection)
        driver: Any = connection.connection.driver_connection
        line = socket.socket(fileno=driver.pgconn.socket)
        line.shutdown(socket.SHUT_RD if kept else socket.SHUT_RDWR)  # what we say may still arrive
        line.detach()
