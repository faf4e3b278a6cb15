"""Whoever waits in vain is found, however busy all others are."""

from types import SimpleNamespace

import pytest

from chassis.messaging.port import TP
from chassis.messaging.receiving.watchdog import PATIENCE_SECONDS, Watchdog

STUCK, BUSY = TP("t", 0), TP("t", 1)


class Clock:
    """Time that goes on when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(
        "chassis.messaging.receiving.watchdog.time", SimpleNamespace(monotonic=made.monotonic)
    )
    return made


def listen(watchdog: Watchdog, clock: Clock, seconds: float, *tps: TP, full: bool = False) -> None:
    """Poll once a second, and get something of these partitions only."""
    for _ in range(int(seconds)):
        clock.now += 1
        watchdog.delivered(tps, all_there_was=not full)
        watchdog.look([STUCK, BUSY])


def test_one_partition_that_is_stuck_is_seen_while_another_one_moves(clock: Clock) -> None:
    watchdog = Watchdog()
    watchdog.look([STUCK, BUSY])
    listen(watchdog, clock, PATIENCE_SECONDS, BUSY)
    assert watchdog.starved() is None
    listen(watchdog, clock, 2, BUSY)
    assert watchdog.starved() == STUCK


def test_a_partition_that_gets_something_now_and_then_is_not_stuck(clock: Clock) -> None:
    watchdog = Watchdog()
    watchdog.look([STUCK, BUSY])
    for _ in range(5):
        listen(watchdog, clock, PATIENCE_SECONDS - 2, BUSY)
        watchdog.delivered([STUCK], all_there_was=True)
    assert watchdog.starved() is None


def test_a_partition_without_records_is_not_stuck(clock: Clock) -> None:
    watchdog = Watchdog()
    listen(watchdog, clock, PATIENCE_SECONDS - 2, BUSY)
    watchdog.look([BUSY])
    listen(watchdog, clock, PATIENCE_SECONDS - 2, BUSY)
    assert watchdog.starved() is None


def test_who_waits_behind_more_than_a_poll_can_take_waits_its_turn(clock: Clock) -> None:
    watchdog = Watchdog()
    watchdog.look([STUCK, BUSY])
    listen(watchdog, clock, 10 * PATIENCE_SECONDS, BUSY, full=True)
    assert watchdog.starved() is None


def test_while_we_hold_still_nobody_waits_in_vain(clock: Clock) -> None:
    watchdog = Watchdog()
    watchdog.look([STUCK, BUSY])
    listen(watchdog, clock, 2, BUSY)
    watchdog.hold()
    clock.now += 10 * PATIENCE_SECONDS
    watchdog.go_on()
    listen(watchdog, clock, 2, BUSY)
    assert watchdog.starved() is None


def test_holding_still_again_and_again_does_not_hide_who_is_stuck(clock: Clock) -> None:
    watchdog = Watchdog()
    watchdog.look([STUCK, BUSY])
    rounds = 0
    while watchdog.starved() is None:
        rounds += 1
        watchdog.delivered([BUSY], all_there_was=True)
        clock.now += 5  # an attempt that waits for a lock
        watchdog.hold()
        clock.now += 5
        watchdog.go_on()
    assert rounds == PATIENCE_SECONDS // 5 + 1
