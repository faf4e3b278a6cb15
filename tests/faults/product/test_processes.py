"""Whoever is killed, nobody is left behind and the next one takes over: scenario 2."""

import os
import signal
import sys
import time
from collections.abc import Callable

import pytest
from tests.faults.product.locks import all_taken, none_taken
from tests.faults.product.plant import Plant
from tests.system.product import Product, eventually

from chassis.clock import new_id

NO_ORPHAN_S = 3.0
GONE_AT_LAST_S = 30.0
HALF_STARTED_S = 30.0
"""Who is still loading its program hears of the end when it has loaded it."""
LEAVING_S = 10.0
"""Who is asked to leave gives its children two seconds first."""
MOST_TRIALS = 2  # of three
TAKEN_OVER_S = 5.0
"""Where who wants to run can run; where several wait for each core, twice that at most."""
MOST_PATIENCE = 2.0
READY_IN_S = 15.0
"""A whole start: tables and topics are looked at first, and a dozen programs loaded."""
STARTED_AT_LAST_S = 60.0
HALF_OF_THEM = 5
ROLES = [
    ("gateway", "api"),
    ("intake", "api"),
    ("diagnosis", "api"),
    ("intake", "worker"),
    ("diagnosis", "worker"),
    ("treatment", "worker"),
    ("intake", "relay"),
    ("diagnosis", "relay"),
]
# what `make run` is for the supervisor: a parent that may be killed
PARENT = "import subprocess, sys; subprocess.run(sys.argv[1:])"


def _travels(works: Plant, key: str) -> bool:
    return works.insist("/v1/cases", BODY, key, Prefer="wait=10").status == 200


def _gone(works: Plant, *pids: int) -> bool:
    return works.product.processes().keys().isdisjoint(pids)


BODY = {"reference": "after-the-kill"}


@pytest.mark.parametrize(("service", "role"), ROLES)
def test_a_killed_process_is_replaced_at_once(works: Plant, service: str, role: str) -> None:
    # embedded, the relay lives in the worker's process
    role = works.site.relay if role == "relay" else role
    _mostly(lambda: _replaced(works, service, role), TAKEN_OVER_S)
    works.settle()


def test_the_only_worker_of_an_api_is_replaced_while_its_master_lives(works: Plant) -> None:
    master, *workers = works.product.pids("intake", "api")

    for worker in workers:
        os.kill(worker, signal.SIGKILL)

    assert workers
    works.until(lambda: _travels(works, "worker-of-gunicorn"), "a case to travel")
    assert works.product.pids("intake", "api")[0] == master
    works.settle()


def test_nobody_outlives_a_killed_supervisor_and_the_next_one_goes_on(works: Plant) -> None:
    promised = [works.accepted() for _ in range(5)]

    _mostly(lambda: _started_anew(works), READY_IN_S)
    works.settle()
    assert {works.progress(case_id)["state"] for case_id in promised} == {"planned"}


def test_a_start_that_is_killed_half_way_is_no_hindrance_and_nobody_outlives_a_killed_parent(
    works: Plant,
) -> None:
    works.product.stop()
    started = works.product.launch(works.product.command())
    eventually(lambda: len(works.product.processes()) > HALF_OF_THEM, "half of them")
    _kill(works.product, started.pid, HALF_STARTED_S)

    command = [sys.executable, "-c", PARENT, *works.product.command("--end-with-parent")]
    parent = works.product.start_as(command).process
    assert parent is not None
    assert works.product.note["supervisor"] != parent.pid
    works.until(lambda: _travels(works, "under-a-parent"), "a case to travel")

    _kill(works.product, parent.pid, LEAVING_S)

    works.product.start()
    works.settle()


def _mostly(trial: Callable[[], tuple[float, float]], within: float) -> None:
    """Others may need the machine for a moment, but not mostly; both hold in the same trials."""
    held, missed = 0, []
    while held < MOST_TRIALS:
        took, left = trial()
        if took < within * _crowd() and left < NO_ORPHAN_S:
            held += 1
        else:
            missed.append(f"served after {took:.1f} s, orphans for {left:.1f} s")
        assert len(missed) < MOST_TRIALS, missed


def _replaced(works: Plant, service: str, role: str) -> tuple[float, float]:
    """How long the product takes to serve again when one of its processes was killed.

    And for how long it has orphans after that.
    """
    key = new_id()
    master, *forked = eventually(lambda: works.product.pids(service, role), f"{service} {role}")
    os.kill(master, signal.SIGKILL)

    began = time.monotonic()
    works.until(lambda: _travels(works, key), "a case to travel")  # the same key waits again
    took = time.monotonic() - began
    # gunicorn's workers look once a second whether their master still lives
    works.until(lambda: _gone(works, master, *forked), "the end of the killed", GONE_AT_LAST_S)
    return took, time.monotonic() - began - took


def _started_anew(works: Plant) -> tuple[float, float]:
    """How long a whole start takes when the supervisor was killed, and its end took before."""
    killed = time.monotonic()
    _kill(works.product, works.product.note["supervisor"], GONE_AT_LAST_S)
    works.until(lambda: none_taken(works), "all locks to be free", GONE_AT_LAST_S)

    began = time.monotonic()
    works.product.launch(works.product.command())
    works.until(lambda: all_taken(works), "all locks to be ours again", STARTED_AT_LAST_S)
    works.product.wait()
    return time.monotonic() - began, began - killed


def _kill(product: Product, pid: int, within: float) -> None:
    os.kill(pid, signal.SIGKILL)
    assert product.process is not None
    product.process.wait(within)
    eventually(lambda: not product.processes(), "the end of all processes", within)


def _crowd() -> float:
    """How much longer all may take: as many times as there are who wait for each core."""
    waiting = os.getloadavg()[0] / (os.cpu_count() or 1)
    return min(MOST_PATIENCE, max(1.0, waiting))
