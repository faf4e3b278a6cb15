"""SIGKILL at every line of relay and worker, in the running product: scenarios 3 and 4."""

import re
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from tests.faults.product.plant import CASES, SERVICES, Plant, a_case
from tests.faults.product.topics import Topics, waiting
from tests.system.product import ROOT, example

from chassis.clock import new_id
from chassis.messaging.broker import Outgoing

RELAY_POINTS = (
    "relay.before_send",
    "relay.after_send",
    "relay.inside_mark",
    "relay.after_mark",
)
SENDING = {
    "embedded": ("local.before_commit",),
    "servers": ("kafka.before_send", "kafka.mid_batch", "kafka.after_send"),
}
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
STARTS = (("relay.after_lock", "relay"), ("worker.after_prepare", "worker"))
POINTS = RELAY_POINTS + WORKER_POINTS + ANYWHERE
# every point in one service, every service at several points, three at a time
DEATHS = [POINTS[first : first + 3] for first in range(0, len(POINTS), 3)]


@pytest.mark.parametrize("points", DEATHS, ids=" ".join)
def test_whichever_line_it_dies_at_everything_is_applied_once(
    works: Plant, points: tuple[str, ...]
) -> None:
    with ExitStack() as weapons:
        for service, point in zip(SERVICES, points, strict=False):
            weapons.enter_context(works.armed(service, point))
        _keep_busy(works)

    works.settle()


@pytest.mark.parametrize("number", range(3))
def test_whichever_line_it_dies_at_while_the_broker_takes_events_all_are_applied_once(
    works: Plant, number: int
) -> None:
    points = SENDING[works.site.profile]

    with works.armed(SERVICES[number], points[number % len(points)]):
        _keep_busy(works)

    works.settle()


@pytest.mark.parametrize(("point", "role"), STARTS)
def test_who_dies_while_it_starts_is_started_again(works: Plant, point: str, role: str) -> None:
    role = works.site.relay if role == "relay" else role

    with works.armed("diagnosis", point):
        works.product.kill("diagnosis", role)

    _keep_busy(works)
    works.settle()


def test_who_dies_after_counting_a_suspect_counts_it_again(works: Plant) -> None:
    with works.armed("treatment", "worker.after_count"), works.frozen("treatment"):
        _keep_busy(works)
        works.until(lambda: works.count("diagnosis", "outbox") == 0, "the log")
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
        case_id = works.submit().json()["case_id"]
        for revision in (1, 2):
            works.revise(case_id, revision)
        first, *others = waiting(works.rows("intake", "outbox"))
        with works.armed("diagnosis", "worker.after_park"):
            Topics(works.log).append(others)
        works.until(lambda: works.count("diagnosis", "inbox_parked") == 2, "parking")
        with works.armed("diagnosis", "worker.inside_drain"):
            Topics(works.log).append([first])

    works.settle()


def test_who_dies_while_setting_a_message_aside_does_it_once(works: Plant) -> None:
    works.insist("/v1/cases", a_case(), new_id())
    works.settle()
    model = waiting(works.rows("intake", "outbox_sent"))[0]
    forged = _of_another_version(works, model)

    with works.armed("diagnosis", "worker.after_quarantine"):
        Topics(works.log).append([forged])

    def dead() -> int:
        return works.count("diagnosis", "dead_letter", reason_code="unknown-version")

    works.until(lambda: dead() == 1, "the dead letter")
    _keep_busy(works)
    works.settle()


def test_every_line_at_which_a_process_can_be_made_to_die_has_a_test() -> None:
    sources = [path.read_text() for path in (ROOT / "services").rglob("*.py")]
    calls = (name for text in sources for name in re.findall(r"crash_point\(\s*\"(.+?)\"", text))
    # the relay names one of its points to the shelf that does the work
    named = (name for text in sources for name in re.findall(r"\"(relay\.[a-z_]+)\"", text))
    compiled = {*calls, *named}
    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))

    assert len(compiled) > len(POINTS)
    assert sorted(name for name in compiled if f'"{name}"' not in tests) == []


def _keep_busy(works: Plant) -> None:
    """Cases and revisions; who asks again when the API itself has died is answered."""
    for _ in range(3):
        case = works.insist("/v1/cases", a_case(), new_id()).json()["case_id"]
        path = f"/v1/cases/{case}/follow-ups"
        works.insist(path, example("bm01_follow_up"), new_id(), If_Match='"1"')


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
    headers = tuple(
        (name, fresh[name].encode() if name in fresh else content)
        for name, content in model.headers
    )
    return replace(model, key=f"demo:{case_id}".encode(), headers=headers)
