"""A short storm over everything that can die, servers included; `make chaos` is the long one."""

import os
import random
from pathlib import Path

import pytest
from tests.faults.chaos.run import storm
from tests.faults.chaos.strikes import Hand, Strike, kinds, schedule

SEED = int(os.environ.get("STORM_SEED") or random.SystemRandom().randrange(10**6))
SECONDS = 40.0


@pytest.mark.servers
def test_whatever_dies_nothing_is_lost_done_twice_or_out_of_order(tmp_path: Path) -> None:
    found = storm(tmp_path / "storm", SEED, SECONDS, "servers", print)

    print(found)  # noqa: T201 - shown when it fails
    assert found.good, str(found)
    assert found.kills.keys() == kinds(servers=True).keys()
    assert found.replays


def test_a_storm_that_meets_what_must_not_be_is_over_and_still_tells_what_it_saw(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Hand, "strike", _break_a_promise)

    found = storm(tmp_path / "storm", 7, SECONDS, "embedded", print)

    assert not found.good
    assert found.seconds < SECONDS
    assert "a promise was broken" in str(found)
    assert "missed" in str(found)


def _break_a_promise(hand: Hand, _strike: Strike) -> None:
    hand.missed += 1
    raise AssertionError("a promise was broken")


def test_a_seed_repeats_its_storm() -> None:
    first, second = (schedule(7, servers=True) for _ in range(2))

    assert [next(first) for _ in range(50)] == [next(second) for _ in range(50)]
