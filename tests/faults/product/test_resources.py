"""A database that is locked, a disk that is full, an event that no broker takes: 10, 20 and 22."""

import resource
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from sqlalchemy import select, update
from tests.faults.product.clients import expect_refusals, is_refusal
from tests.faults.product.locks import is_held, partition_locks
from tests.faults.product.plant import CASES, Plant
from tests.faults.product.promises import a_case

from chassis.clock import new_id, now
from chassis.envelope import Event, dump_headers, headers
from chassis.messaging.operating.dead_letters import release
from chassis.messaging.sending.outbox import Outbox

LOCKED_S = 30.0
REFUSALS = ("relay.after_reset", "relay.one_by_one", "relay.after_failure", "relay.after_hold")
MOST_FAILURES = 5
BYTES_FOR_LAST_LOG_LINE = 64
"""So many bytes of a file, in which a dying process leaves its name."""
MOST_PAYLOAD = 900_000


def test_a_locked_database_is_said_so_and_everything_resumes(embedded: Plant) -> None:
    for _ in range(3):
        embedded.accepted()  # their results find the door of intake locked
    body, pids = a_case(), embedded.pids()

    with _locked(embedded.product.data / "intake" / "intake.db"):
        began = time.monotonic()
        expect_refusals(embedded)
        assert embedded.submit(body, "locked-out").status == 503
        assert embedded.product.ask("GET", "/v1/cases").status == 200
        places = partition_locks(embedded, "intake")
        assert places
        embedded.throughout(
            LOCKED_S - (time.monotonic() - began),
            lambda: all(map(is_held, places)) and embedded.pids() == pids,
            "the reader gave up its place",
        )

    embedded.insist("/v1/cases", body, "locked-out")
    embedded.settle()
    assert embedded.pids() == pids


def test_a_locked_log_keeps_nobody_out(embedded: Plant) -> None:
    with _locked(embedded.product.data / "events" / "log.db"):
        accepted = [embedded.submit() for _ in range(5)]
        assert {answer.status for answer in accepted} == {202}
        assert {embedded.progress(a.json()["case_id"])["state"] for a in accepted} == {"submitted"}

    embedded.settle()


def test_a_full_disk_is_said_so_and_leaves_nothing_half_done(embedded: Plant) -> None:
    body, before = a_case(), embedded.count("intake", "cases")

    with _full_disk(embedded, "intake", "api"):
        refused = embedded.submit(body, "full")
        assert is_refusal(refused), refused.text
        assert embedded.product.ask("GET", "/v1/cases").status == 200

    assert embedded.count("intake", "cases") == before
    embedded.insist("/v1/cases", body, "full")
    embedded.settle()


def test_workers_wait_for_a_full_disk_and_go_on_by_themselves(embedded: Plant) -> None:
    pids = embedded.pids()

    with _full_disk(embedded, "intake", "worker"), _full_disk(embedded, "diagnosis", "worker"):
        case_id = embedded.accepted(Prefer="wait=1")
        embedded.revise(case_id, 1)
        assert embedded.progress(case_id)["state"] == "submitted"

    embedded.settle()
    assert embedded.pids() == pids


def test_who_dies_before_it_waits_for_a_full_log_goes_on_when_there_is_room(
    embedded: Plant,
) -> None:
    with (
        _full_disk(embedded, "intake", "worker", but=BYTES_FOR_LAST_LOG_LINE),
        embedded.armed("intake", "relay.before_pause"),
    ):
        embedded.accepted()

    embedded.settle()


def test_what_is_too_large_is_refused_at_the_door(works: Plant) -> None:
    body = a_case() | {"reference": "R" * 2_000_000}

    refused = works.submit(body)

    assert refused.status == 413
    assert refused.headers["content-type"].startswith("application/problem+json")


def test_an_event_that_no_broker_takes_holds_its_case_alone(works: Plant) -> None:
    case_id = works.accepted(Prefer="wait=20")
    works.settle()
    with ExitStack() as weapons:
        for point in REFUSALS:
            weapons.enter_context(works.armed("intake", point))
        sequence, event = _force_into_outbox(works, case_id)
    works.until(lambda: works.count("intake", "outbox_pending", hold=1) == 1, "holding it")
    (held,) = works.rows("intake", "waiting", hold=1)
    assert held.failures == MOST_FAILURES

    works.revise(case_id, 1)
    works.planned()
    assert works.progress(case_id)["state"] == "submitted"

    _shrink_and_release(works, event, sequence)
    works.settle()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Somebody else writes, and does not come to an end."""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=10)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


@contextmanager
def _full_disk(works: Plant, service: str, role: str, but: int = 0) -> Iterator[None]:
    """No process of the role can write another byte, or but so many, to any file."""
    pids = works.product.pids(service, role)
    assert pids
    before = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in pids}
    for pid, (_, hard) in before.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (but, hard))
    try:
        yield
    finally:
        for pid, limits in before.items():
            with suppress(ProcessLookupError):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


def _force_into_outbox(works: Plant, case_id: str) -> tuple[int, Event]:
    """An event whose body just fits, with headers that make it larger than a broker takes."""
    event = Event(
        topic=CASES,
        type="case.noted",
        tenant_id="demo",
        subject=case_id,
        revision=1,
        data=b" " * MOST_PAYLOAD,
        source="/intake",
        dataschema="/schemas/case.noted/1",
        event_id=new_id(),
        correlation_id="c" * 200_000,
        occurred_at=now().isoformat(),
    )
    tables = works.tables("intake").OUTBOX
    with works.databases["intake"].write() as connection:
        Outbox(connection, tables).add(event)
        numbers = select(tables.head.c.last_seq).where(tables.head.c.subject == case_id)
        return connection.execute(numbers).scalar_one(), event


def _shrink_and_release(works: Plant, event: Event, sequence: int) -> None:
    """What an operator would do."""
    tables = works.tables("intake").OUTBOX
    row = works.rows("intake", "waiting", hold=1)[0]
    named = [(n, b"c" if n == "ce_correlationid" else c) for n, c in headers(event, sequence)]
    shrunk = update(tables.events).where(tables.events.c.id == row.id)
    with works.databases["intake"].write() as connection:
        connection.execute(shrunk.values(headers=dump_headers(named), payload=b"{}"))
        assert release(connection, tables, row.id)
