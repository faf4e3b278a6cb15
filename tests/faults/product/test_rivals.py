"""Two of what there should be one of, and a zombie that wakes up: scenarios 5 and 6."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.faults.product.plant import CASES, Plant
from tests.faults.product.topics import Topics

from chassis.testing.processes import Process, Processes, processes

MANY = 30


@pytest.fixture
def rivals(tmp_path: Path) -> Iterator[Processes]:
    with processes(tmp_path) as started:
        yield started


def test_two_relays_on_one_outbox_only_make_duplicates(works: Plant, rivals: Processes) -> None:
    works.submit()
    works.settle()
    topics = Topics(works.product.data, works.log)
    with works.frozen("intake"):
        for _ in range(MANY):
            works.submit()
        _lose_locks(works, "intake")
        rival = _start(works, rivals, "intake", "relay")
        works.until(lambda: works.count("intake", "outbox") == 0, "the rival to send")

    case_id = works.submit().json()["case_id"]
    for revision in range(1, 5):
        works.revise(case_id, revision)
    works.settle()
    assert rival.alive
    sent = {(kept.case_id, kept.sequence) for kept in topics.read(CASES)}
    assert sent == {(told.subject, told.sequence) for told in works.told}


def test_a_zombie_wakes_beside_its_successor_and_does_no_harm(
    works: Plant, rivals: Processes
) -> None:
    works.submit()
    works.settle()
    zombie = works.product.pids("treatment", "worker")

    with works.frozen("treatment"):
        _lose_locks(works, "treatment")
        rival = _start(works, rivals, "treatment", "worker", "--with-relay")
        for _ in range(MANY):
            works.submit()
        works.settle()
    for _ in range(MANY):
        works.revise(works.submit().json()["case_id"], 1)

    works.settle()
    assert rival.alive
    assert works.product.pids("treatment", "worker")[: len(zombie)] == zombie


def _start(works: Plant, rivals: Processes, service: str, *role: str) -> Process:
    """Another process in a role, told the same as the first."""
    pid = works.product.pids(service, "worker")[0]
    lines = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    told = dict(line.split("=", 1) for line in lines if line)
    told.pop("CRASH_DIR")
    return rivals.start(f"rival-{service}", ["-m", service, *role], **told)


def _lose_locks(works: Plant, service: str) -> None:
    """Takes the lock files away, so that a second owner gets locks of its own."""
    held = [works.product.data / service / "run" / "relay.lock"]
    held += (works.product.data / "events" / "locks" / service).iterdir()
    for path in held:
        path.unlink()
