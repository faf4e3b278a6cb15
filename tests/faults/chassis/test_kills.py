"""SIGKILL at every line that matters: scenarios 1 to 6 of the fault table."""

import subprocess
import sys
import time

import pytest
from tests.faults.chassis import toy
from tests.faults.chassis.floor import Floor
from tests.faults.chassis.toy import ORDERS, TENANT
from tests.support.parties import Acknowledged

RELAY_POINTS = (
    "relay.before_send",
    "local.before_commit",
    "relay.after_send",
    "relay.inside_mark",
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
COMMAND_POINTS = (
    "toy.before_insert",
    "toy.after_insert",
    "database.before_commit",
    "toy.before_answer",
)
ORDERS_PLACED = [f"chair-{number}" for number in range(30)]


@pytest.mark.parametrize("point", COMMAND_POINTS)
def test_a_command_that_was_killed_can_be_repeated_and_is_done_once(
    floor: Floor, point: str
) -> None:
    killed = floor.run("place", "key-1", CRASH_AT=point)
    floor.started.await_crash(killed, point)
    command = [sys.executable, toy.__file__, str(floor.folder), "place", "key-1"]
    environment = {"PYTHONPATH": "services:."}
    answers = {
        subprocess.run(command, env=environment, capture_output=True, check=True).stdout
        for _ in range(2)
    }
    assert len(answers) == 1
    assert floor.shop.count(floor.shop.outbox.pending) == 1
    assert floor.shop.count(floor.shop.outbox.head) == 1


@pytest.mark.parametrize("point", RELAY_POINTS)
def test_a_killed_relay_loses_nothing_and_doubles_no_effect(floor: Floor, point: str) -> None:
    floor.place(ORDERS_PLACED, revisions=2)
    relay = floor.run("relay", "shop", CRASH_AT=point)
    floor.started.await_crash(relay, point)
    assert floor.findings(settled=False) == []
    relay.restart(CRASH_AT="")
    floor.run("both", "mill")
    floor.run("worker", "shop")
    floor.settle()


@pytest.mark.parametrize("point", WORKER_POINTS)
def test_a_killed_worker_moves_everything_or_nothing(floor: Floor, point: str) -> None:
    floor.place(ORDERS_PLACED, revisions=2)
    floor.run("both", "shop")
    worker = floor.run("worker", "mill", CRASH_AT=point)
    floor.started.await_crash(worker, point)
    assert floor.findings(settled=False) == []
    worker.restart(CRASH_AT="")
    floor.run("relay", "mill")
    floor.settle()


def test_a_worker_killed_between_counting_and_trying_a_retry_tries_again(floor: Floor) -> None:
    floor.mill.break_for("raise", ["chair-3"])
    floor.place(ORDERS_PLACED)
    floor.run("both", "shop")
    worker = floor.run("both", "mill", CRASH_AT="worker.after_claim")
    floor.started.await_crash(worker, "worker.after_claim")
    assert floor.findings(settled=False) == []
    floor.mill.fix("raise")
    worker.restart(CRASH_AT="")
    floor.until(lambda: floor.made("chair-3") == [1], "the retry")


def test_the_next_process_takes_over_at_once(floor: Floor) -> None:
    began = time.monotonic()
    first = floor.run("both", "mill")
    floor.run("both", "shop")
    floor.place(["chair"])
    floor.until(lambda: floor.made("chair") == [1], "the first part")
    within = max(5.0, 2 * (time.monotonic() - began))  # by what a start takes here and now
    first.kill()
    floor.place(["chair"])
    first.restart()
    floor.until(lambda: floor.made("chair") == [1, 2], "the second part", within=within)
    floor.until(lambda: floor.shop.count(floor.shop.effects) == 2, "its return", within=within)
    floor.settle()


def test_a_standby_takes_over_when_the_owner_is_killed(floor: Floor) -> None:
    floor.run("both", "shop")
    owner = floor.run("both", "mill")
    floor.place(["chair"])
    floor.until(lambda: floor.made("chair") == [1], "the first part")
    floor.run("both", "mill")
    owner.kill()
    floor.place(["chair"])
    floor.until(lambda: floor.made("chair") == [1, 2], "the second part")
    floor.settle()


def test_two_relays_on_one_outbox_only_make_duplicates(floor: Floor) -> None:
    floor.place(ORDERS_PLACED, revisions=10)
    for _ in range(2):
        floor.run("unlocked", "shop")
    floor.run("both", "mill")
    floor.run("worker", "shop")
    floor.settle()
    assert floor.logged() >= len(floor.accepted)


def test_a_frozen_worker_wakes_as_a_zombie_and_does_no_harm(floor: Floor) -> None:
    floor.run("both", "shop")
    frozen = floor.run("worker", "mill")
    floor.run("relay", "mill")
    floor.place(ORDERS_PLACED)
    floor.until(
        lambda: floor.mill.count(floor.mill.effects) == len(floor.accepted), "the first parts"
    )
    frozen.freeze()
    _lose_locks(floor)
    floor.run("worker", "mill")
    floor.place(ORDERS_PLACED)
    floor.until(lambda: floor.made("chair-1") == [1, 2], "the second parts")
    frozen.thaw()
    floor.place(ORDERS_PLACED, revisions=3)
    floor.settle()
    assert frozen.alive


def test_a_worker_frozen_inside_its_transaction_delays_and_does_no_harm(floor: Floor) -> None:
    floor.mill.break_for("freeze", ["chair-7"])
    floor.run("both", "shop")
    frozen = floor.run("worker", "mill")
    floor.place(ORDERS_PLACED)
    floor.until(lambda: not floor.mill.broken("freeze"), "freezing")
    _lose_locks(floor)
    other = floor.run("worker", "mill")
    floor.until(lambda: "the worker waits" in other.text(), "the other one to wait")
    frozen.thaw()
    floor.run("relay", "mill")
    floor.settle()
    assert frozen.alive
    assert other.alive


def _lose_locks(floor: Floor) -> None:
    """Take the lock files away, so that a second owner gets locks of its own."""
    for path in (floor.folder / "log" / "locks" / "mill").iterdir():
        path.unlink()


def test_acknowledged_means_stored(floor: Floor) -> None:
    floor.accepted.append(Acknowledged(ORDERS, TENANT, "never-placed", 1))
    assert any(finding.startswith("I1") for finding in floor.findings(settled=False))
