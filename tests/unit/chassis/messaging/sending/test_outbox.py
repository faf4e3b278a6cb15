"""Events get numbers without gaps, with as many statements for any number of them."""

from collections import defaultdict
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import MetaData, select
from tests.support.servers.databases import statements

from chassis.envelope import MAX_DATA_BYTES, Event, load_headers
from chassis.messaging.sending.outbox import Outbox, OutboxTables, PayloadTooLarge, outbox_tables
from chassis.storage.database import Database
from chassis.storage.deferred import flush

_metadata = MetaData()
_tables = outbox_tables(_metadata)


@pytest.fixture
def database(database: Database) -> Database:
    with database.write() as connection:
        _metadata.create_all(connection)
    return database


def event(
    subject: str, *, number: int = 0, tenant: str = "acme", topic: str = "t", data: bytes = b"{}"
) -> Event:
    return Event(
        topic=topic,
        type="thing.done",
        tenant_id=tenant,
        subject=subject,
        revision=1,
        data=data,
        source="/x",
        dataschema="x/1",
        event_id=f"{topic}-{tenant}-{subject}-{number}",
        correlation_id="c",
        occurred_at="2026-01-01T00:00:00Z",
    )


def add_and_fail(database: Database) -> None:
    with database.write() as connection:
        Outbox(connection, _tables).add(event("a"))
        raise ZeroDivisionError


def stored(database: Database, tables: OutboxTables = _tables) -> list[tuple[str, str, int]]:
    events = tables.events.c
    with database.read() as connection:
        rows = connection.execute(
            select(events.subject, events.event_id, events.seq).order_by(events.id)
        )
        return [tuple(row) for row in rows]  # type: ignore[misc]


def numbers(database: Database) -> list[int]:
    return [sequence for _, _, sequence in stored(database)]


def test_numbers_begin_at_one_and_are_counted_per_topic_tenant_and_subject(
    database: Database,
) -> None:
    with database.write() as connection:
        outbox = Outbox(connection, _tables)
        outbox.add(event("a"))
        outbox.add(event("a", number=1))
        outbox.add(event("b"))
        outbox.add(event("a", tenant="other"))
        outbox.add(event("a", topic="other"))
    assert numbers(database) == [1, 2, 1, 1, 1]


def test_the_number_is_in_the_headers(database: Database) -> None:
    with database.write() as connection:
        Outbox(connection, _tables).add_all([event("a"), event("a", number=1)])
        headers = connection.execute(
            select(_tables.events.c.headers).order_by(_tables.events.c.id)
        ).scalars()
        assert [dict(load_headers(text))["ce_sequence"] for text in headers] == [b"1", b"2"]


def test_a_rollback_takes_the_number_back(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        add_and_fail(database)
    with database.write() as connection:
        Outbox(connection, _tables).add(event("a"))
    assert numbers(database) == [1]


def test_a_body_that_no_broker_takes_is_refused_before_anything_is_written(
    database: Database,
) -> None:
    with database.write() as connection, pytest.raises(PayloadTooLarge):
        Outbox(connection, _tables).add_all(
            [event("a"), event("b", data=b"x" * (MAX_DATA_BYTES + 1))]
        )
    assert stored(database) == []
    with database.write() as connection:
        Outbox(connection, _tables).add(event("b", data=b"x" * MAX_DATA_BYTES))
    assert numbers(database) == [1]


def test_nothing_to_say_is_no_statement(database: Database) -> None:
    with database.write() as connection, statements(connection) as sent:
        Outbox(connection, _tables).add_all([])
        flush(connection)
    assert sent == []


def test_a_thousand_events_take_as_many_statements_as_ten(database: Database) -> None:
    counts = []
    for size in (10, 900):
        events = [event(f"s-{size}-{number}") for number in range(size)]
        with database.write() as connection, statements(connection) as sent:
            Outbox(connection, _tables).add_all(events)
            flush(connection)
        counts.append(len({statement.split("VALUES")[0] for statement in sent}))
    kinds = 3 if database.dialect == "sqlite" else 1
    assert counts == [kinds, kinds]


@settings(max_examples=20, deadline=None)
@given(batches=st.lists(st.lists(st.sampled_from("abcd"), max_size=8), max_size=6))
def test_any_batches_give_numbers_without_gaps(batches: list[list[str]]) -> None:
    with TemporaryDirectory() as folder:
        _check_batches(Database.open(f"sqlite:///{folder}/a.db"), batches)


def _check_batches(database: Database, batches: list[list[str]]) -> None:
    expected: dict[str, int] = defaultdict(int)
    number = 0
    with database.write() as connection:
        _metadata.create_all(connection)
        for batch in batches:
            events = []
            for subject in batch:
                number += 1
                events.append(event(subject, number=number))
            Outbox(connection, _tables).add_all(events)
    for subject, _, sequence in stored(database):
        expected[subject] += 1
        assert sequence == expected[subject]
    assert sum(expected.values()) == number
    database.close()
