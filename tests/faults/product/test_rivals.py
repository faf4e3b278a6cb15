"""Two of what there should be one of, zombies, members that come and go: 5, 6 and 28."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.faults.product.clients import load
from tests.faults.product.plant import CASES, PLANNED, SERVICES, Plant
from tests.faults.product.topics import Topics
from tests.support.processes import Process, Processes, processes
from tests.system.product import eventually

from chassis.clock import now_us

MANY = 30
MOVED = "somebody else reads this partition too"
TWO_SESSIONS_S = 20.0
STORM_S = {"embedded": 12.0, "servers": 30.0}
COME_AND_GO_S = 2.0
PROGRESS_WITHIN_S = {"embedded": 10.0, "servers": 25.0}
"""On servers a killed member is waited for as long as its session lasts, which is 10 s.

The session of one that dies while the group waits for another begins when that wait is over.
"""
_END_HOLDERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database d ON d.oid = database "
    "WHERE locktype = 'advisory' AND d.datname = current_database()"
)


@pytest.fixture
def rivals(works: Plant, tmp_path: Path) -> Iterator[Processes]:
    with processes(tmp_path) as started:
        yield started
    if works.site.embedded:  # their locks were taken away, the next ones make new files
        killed = {pid for name in SERVICES for pid in works.product.kill(name, "worker")}
        works.until(lambda: killed.isdisjoint(works.product.processes()), "their end")


def test_two_relays_on_one_outbox_only_make_duplicates(works: Plant, rivals: Processes) -> None:
    before = len(works.acknowledgements)
    with works.frozen_at("intake", "relay.before_send"):
        for _ in range(MANY):
            works.accepted()
        _lose_locks(works, "intake")
        rival = _start(works, rivals, "intake", "relay")
        works.until(lambda: works.count("intake", "outbox_pending") == 0, "the rival to send")

    case_id = works.accepted()
    for revision in range(1, 5):
        works.revise(case_id, revision)
    works.settle(within=60)
    assert rival.alive
    promised = {(one.subject, one.sequence) for one in works.acknowledgements[before:]}

    def sent() -> list[tuple[str, int]]:
        return [place for place in Topics(works.log).sent(CASES) if place in promised]

    works.until(lambda: len(sent()) > len(promised), "something to be sent again")
    assert promised == set(sent())


def test_a_zombie_wakes_beside_its_successor_and_does_no_harm(
    works: Plant, rivals: Processes
) -> None:
    # One stands before its transaction, and will find that its position was moved. On servers
    # another stands in the middle of one; on a single file nobody else could write meanwhile.
    stands = {"treatment": "worker.before_offset"}
    stands |= {} if works.site.embedded else {"diagnosis": "worker.after_marks"}
    zombies = {name: _workers(works, name) for name in stands}
    moved = works.log_text("treatment").count(MOVED)
    lasts = 0.0 if works.site.embedded else TWO_SESSIONS_S

    with ExitStack() as frozen:
        began = time.monotonic()
        under_way = {}
        for service, point in stands.items():
            frozen.enter_context(works.frozen_at(service, point))
            under_way[service] = works.acknowledgements[-1].subject
        successors = [_succeed(works, rivals, service) for service in stands]
        for _ in range(MANY):
            works.accepted()
        works.until(
            lambda: (
                works.count("treatment", "plans", case_id=under_way["treatment"])
                and time.monotonic() - began > lasts
            ),
            "the successors to take over",
            2 * TWO_SESSIONS_S,
        )
    works.until(lambda: works.log_text("treatment").count(MOVED) > moved, "it to see who it is")
    for _ in range(MANY):
        works.revise(works.accepted(), 1)

    works.settle(within=60)
    assert all(one.alive for one in successors)
    for service, zombie in zombies.items():
        assert works.product.pids(service, "worker")[: len(zombie)] == zombie


def test_members_that_come_and_go_do_not_keep_the_others_from_working(
    works: Plant, rivals: Processes
) -> None:
    members: list[Process] = []
    began, began_at = time.monotonic(), now_us()
    with load(works) as clients:
        while time.monotonic() - began < STORM_S[works.site.profile]:
            number = len(members)
            members.append(
                _start(works, rivals, "diagnosis", "worker", WORKER_ORDINAL=str(number + 1))
            )
            threading.Event().wait(COME_AND_GO_S)
            members[number // 2].stop() if number % 2 else members[-1].kill()

    profile = works.site.profile
    # what the last of them takes to leave is no part of the storm
    ended_at = began_at + int(STORM_S[profile] * 1_000_000)
    assert _longest_pause(works, began_at, ended_at) < PROGRESS_WITHIN_S[profile]
    assert clients.undocumented == []
    works.settle(within=60)


def _longest_pause(works: Plant, began_at: int, ended_at: int) -> float:
    """For how many seconds no plan was made, by their own notes."""
    plans = (row.at for row in works.rows("treatment", "audit") if row.action in PLANNED)
    moments = [began_at, *sorted(at for at in plans if began_at < at < ended_at), ended_at]
    return max(after - before for before, after in pairwise(moments)) / 1_000_000


def _succeed(works: Plant, rivals: Processes, service: str) -> Process:
    _lose_locks(works, service)
    return _start(works, rivals, service, "worker", "--with-relay", WORKER_ORDINAL="1")


def _start(works: Plant, rivals: Processes, service: str, *role: str, **different: str) -> Process:
    """Another process in a role, told the same as the first."""
    pid = _workers(works, service)[0]
    lines = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    environment = dict(line.split("=", 1) for line in lines if line)
    for name in ("CRASH_DIR", "METRICS_PORT"):
        environment.pop(name, None)
    return rivals.start(f"rival-{service}", ["-m", service, *role], **environment | different)


def _workers(works: Plant, service: str) -> list[int]:
    """Its workers; for a moment there is none when one was killed just now."""
    found: list[int] = eventually(
        lambda: works.product.pids(service, "worker"), f"a worker of {service}"
    )
    return found


def _lose_locks(works: Plant, service: str) -> None:
    """Takes the locks away, so that a second owner gets locks of its own."""
    if not works.site.embedded:
        with works.databases[service].write() as connection:
            connection.execute(text(_END_HOLDERS))
        return
    held = [works.product.data / service / "run" / "relay.lock"]
    held += (works.product.data / "events" / "locks" / service).iterdir()
    for path in held:
        path.unlink(missing_ok=True)
