"""SIGKILL at every line of relay and worker, in the running product: scenarios 3 and 4."""

import signal
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import text, update
from tests.faults.product.plant import ASSESSMENTS, CASES, SERVICES, Plant
from tests.faults.product.topics import Topics, waiting
from tests.system.product import example

from chassis.clock import new_id
from chassis.messaging.port import Outgoing

RELAY_POINTS = (
    "relay.before_send",
    "relay.after_send",
    "relay.inside_mark",
    "relay.after_delete",
    "relay.after_mark",
)
WORKER_POINTS = (
    "worker.before_offset",
    "worker.after_offset",
    "worker.after_lock",
    "worker.after_handlers",
    "worker.after_marks",
    "worker.before_commit",
    "worker.after_commit",
    "worker.after_report",
)
ANYWHERE = ("database.before_commit", "database.after_commit")
POINTS = RELAY_POINTS + WORKER_POINTS + ANYWHERE
# every point in one service, every service at several points, three at a time
DEATHS = [POINTS[first : first + 3] for first in range(0, len(POINTS), 3)]
SENDING = {
    "embedded": [[(name, "local.before_commit")] for name in SERVICES],
    "servers": [
        [
            ("intake", "kafka.before_send"),
            ("diagnosis", "kafka.mid_batch"),
            ("treatment", "kafka.after_send"),
            ("treatment", "kafka.after_report"),
        ]
    ],
}
STARTING = {
    "embedded": [
        ("intake", "worker.inside_take"),
        ("diagnosis", "relay.after_lock"),
        ("treatment", "worker.after_prepare"),
    ],
    "servers": [
        ("intake", "worker.inside_take"),
        ("intake", "kafka.after_connect"),
        ("diagnosis", "relay.after_lock"),
        ("treatment", "worker.after_prepare"),
    ],
}
# by what happens to treatment and diagnosis, and where each dies while it finds its way again
TROUBLES = [
    ("moved", "worker.after_refusal", "worker.after_return"),
    ("lost", "worker.after_undo", "worker.after_pause"),
    ("lost", "worker.before_resume", "worker.after_resume"),
]
Hurt = Callable[[Plant, str, str], AbstractContextManager[None]]
HEARS = {"treatment": ASSESSMENTS, "diagnosis": CASES}
WAITS = "the worker waits"
_END_WRITERS = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
    "AND datname = current_database() AND state = 'idle in transaction'"
)


@pytest.mark.parametrize("points", DEATHS, ids=" ".join)
def test_whichever_line_it_dies_at_everything_is_applied_once(
    works: Plant, points: tuple[str, ...]
) -> None:
    with ExitStack() as weapons:
        for service, point in zip(SERVICES, points, strict=True):
            weapons.enter_context(works.armed(service, point))
        _keep_busy(works)

    works.settle()


def test_whichever_line_it_dies_at_while_the_broker_takes_events_all_are_applied_once(
    works: Plant,
) -> None:
    for points in SENDING[works.site.profile]:
        with ExitStack() as weapons:
            for service, point in points:
                weapons.enter_context(works.armed(service, point))
            with _gathering(works, "diagnosis"):  # so that it sends many at once
                _keep_busy(works)

        works.settle()


def test_who_dies_while_it_starts_is_started_again(works: Plant) -> None:
    with ExitStack() as weapons:
        for service, point in STARTING[works.site.profile]:
            weapons.enter_context(works.armed(service, point))
        for service in SERVICES:
            for role in works.site.roles:
                works.product.kill(service, role)
        _keep_busy(works)

    works.settle()


def test_who_dies_while_it_leaves_in_good_order_is_started_again(works: Plant) -> None:
    _keep_busy(works)

    with works.armed("treatment", "worker.after_clean"):
        works.product.kill("treatment", "worker", signal.SIGTERM)

    _keep_busy(works)
    works.settle()


def test_who_dies_after_counting_a_suspect_counts_it_again(works: Plant) -> None:
    case_id = works.accepted()
    works.settle()  # its partition is now taken by the one that will be killed
    with (
        works.armed("treatment", "worker.after_count"),
        works.armed("treatment", "worker.inside_forget"),
        works.frozen("treatment"),
    ):
        works.revise(case_id, 1)
        works.until(lambda: works.progress(case_id)["state"] == "assessed", "the log")
        works.product.kill("treatment", "worker")

    works.settle()


def test_who_dies_over_an_unreadable_message_buries_it_once(works: Plant) -> None:
    def dead() -> int:
        return works.count("diagnosis", "dead_letter", reason_code="unreadable-headers")

    before = dead()

    with works.armed("diagnosis", "worker.after_unreadable"):
        Topics(works.log).append([Outgoing(CASES, b"key", (), b"no message")])

    works.until(lambda: dead() == before + 1, "its burial")
    works.settle()


def test_who_dies_while_parking_or_draining_keeps_the_order(works: Plant) -> None:
    with works.frozen("intake"):
        case_id = works.accepted()
        works.shuffled.add(case_id)
        for revision in (1, 2):
            works.revise(case_id, revision)
        first, *others = waiting(works.rows("intake", "waiting"))
        with works.armed("diagnosis", "worker.after_park"):
            Topics(works.log).append(others)
        works.until(lambda: works.count("diagnosis", "inbox_parked") == 2, "parking")
        with works.armed("diagnosis", "worker.inside_drain"):
            Topics(works.log).append([first])

    works.settle()


def test_who_dies_while_setting_a_message_aside_does_it_once(works: Plant) -> None:
    works.accepted()
    works.settle()
    model = waiting(works.rows("intake", "published"))[0]
    before = _of_tomorrow(works)

    with (
        works.armed("diagnosis", "worker.after_rollback_to"),
        works.armed("diagnosis", "worker.after_quarantine"),
        works.armed("treatment", "worker.before_release"),
    ):
        Topics(works.log).append([_of_another_version(works, model)])
        _keep_busy(works)

    works.until(lambda: _of_tomorrow(works) == before + 1, "the dead letter")
    works.settle()


def test_who_dies_before_it_repeats_a_batch_one_by_one_loses_nothing_of_it(works: Plant) -> None:
    works.accepted()
    works.settle()
    model = waiting(works.rows("intake", "published"))[0]
    marker = works.crashes / "worker.before_one_by_one"
    before, batches = _of_tomorrow(works), 0

    with works.armed("diagnosis", "worker.before_one_by_one"):
        while batches == 0 or not marker.exists():  # who is slow takes one at a time
            batches += 1
            with works.frozen("diagnosis", "worker"):
                first = _of_another_version(works, model)
                Topics(works.log).append([first, _next_of(works, first)])
            works.until(
                lambda number=batches: marker.exists() or _of_tomorrow(works) == before + number,
                "the end of the batch",
            )
            if not marker.exists():  # something must go well between, or the circuit opens
                _one_goes_well(works)

    works.until(lambda: _of_tomorrow(works) == before + batches, "a dead letter each")
    _keep_busy(works)
    works.settle()


@pytest.mark.parametrize(("trouble", "first", "second"), TROUBLES)
def test_who_dies_while_it_finds_its_way_again_loses_nothing(
    works: Plant, trouble: str, first: str, second: str
) -> None:
    _fill_all_partitions(works)
    hurt, place = _hurting(works, trouble)

    with (
        works.armed("treatment", first),
        works.armed("diagnosis", second),
        ExitStack() as until_both_have_noticed,
        works.frozen_at("treatment", place),
        works.frozen_at("diagnosis", place),
    ):
        for service, point in (("treatment", first), ("diagnosis", second)):
            until_both_have_noticed.enter_context(hurt(works, service, point))

    works.settle()


def _hurting(works: Plant, trouble: str) -> tuple[Hurt, str]:
    """What to do to a worker, and where it must stand for that."""
    if trouble == "moved":
        return _moved, "worker.before_offset"
    if works.site.embedded:
        return _locked, "worker.before_offset"
    return _cut_off, "worker.after_offset"


@contextmanager
def _moved(works: Plant, service: str, _point: str) -> Iterator[None]:
    """Somebody else has set the positions of a service, to what it has done already."""
    table = works.table(service, "consumer_offset")
    mine = (table.c.topic == HEARS[service], table.c.next_offset > 0)
    with works.databases[service].write() as connection:
        connection.execute(update(table).where(*mine).values(next_offset=table.c.next_offset - 1))
    yield


@contextmanager
def _locked(works: Plant, service: str, point: str) -> Iterator[None]:
    """Somebody else writes, for longer than a worker waits."""

    def noticed() -> bool:
        return (works.crashes / point).exists() or works.log_text(service).count(WAITS) > before

    before = works.log_text(service).count(WAITS)
    path = works.product.data / service / f"{service}.db"
    with closing(sqlite3.connect(path, isolation_level=None, timeout=10)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        works.until(noticed, f"{service} to notice")
        connection.execute("ROLLBACK")


@contextmanager
def _cut_off(works: Plant, service: str, _point: str) -> Iterator[None]:
    """The server ends the sessions of all who are in the middle of something."""
    with works.databases[service].write() as connection:
        assert connection.execute(_END_WRITERS).all()
    yield


@contextmanager
def _gathering(works: Plant, service: str) -> Iterator[None]:
    """Only what was written within the block leaves a service, all at once; on servers."""
    if works.site.embedded:
        yield
        return
    before = works.count(service, "outbox_pending")
    with works.frozen(service, "relay"):
        yield
        works.until(lambda: works.count(service, "outbox_pending") > before + 3, "several to send")


def _fill_all_partitions(works: Plant) -> None:
    def filled() -> bool:
        works.accepted()
        return all(
            row.next_offset > 0
            for service, topic in HEARS.items()
            for row in works.rows(service, "consumer_offset", topic=topic)
        )

    works.until(filled, "something in each partition")
    works.settle()


def _one_goes_well(works: Plant) -> None:
    case_id = works.accepted()
    works.until(lambda: works.progress(case_id)["state"] == "planned", "a plan")


def _keep_busy(works: Plant) -> None:
    """Cases and revisions; who asks again when the API itself has died is answered."""
    for _ in range(3):
        case = works.accepted()
        path = f"/v1/cases/{case}/follow-ups"
        works.insist(path, example("bm01_follow_up"), new_id(), If_Match='"1"')


def _of_tomorrow(works: Plant) -> int:
    return works.count("diagnosis", "dead_letter", reason_code="unknown-version")


def _of_another_version(works: Plant, model: Outgoing) -> Outgoing:
    """The first message of a case that nobody knows, in words of tomorrow."""
    case_id, event_id = new_id(), new_id()
    works.forged += [event_id, case_id]
    fresh = {
        "ce_id": event_id,
        "ce_subject": case_id,
        "ce_sequence": "1",
        "ce_dataschema": "/schemas/case.submitted/99",
    }
    return replace(_renamed(model, fresh), key=f"demo:{case_id}".encode())


def _next_of(works: Plant, first: Outgoing) -> Outgoing:
    """The second message of its case."""
    event_id = new_id()
    works.forged.append(event_id)
    return _renamed(first, {"ce_id": event_id, "ce_sequence": "2"})


def _renamed(model: Outgoing, fresh: Mapping[str, str]) -> Outgoing:
    headers = tuple(
        (name, fresh[name].encode() if name in fresh else content)
        for name, content in model.headers
    )
    return replace(model, headers=headers)
