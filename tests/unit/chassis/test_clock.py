"""Ids sort by time or follow from their cause; the clock is aware."""

import uuid
from datetime import UTC

from chassis import clock


def test_later_ids_sort_after_earlier_ones_and_are_version_7() -> None:
    ids = [clock.new_id() for _ in range(200)]
    assert [one[:13] for one in ids] == sorted(one[:13] for one in ids)
    assert len(set(ids)) == 200
    assert {(uuid.UUID(one).version, uuid.UUID(one).variant) for one in ids} == {(7, uuid.RFC_4122)}


def test_an_id_tells_its_time() -> None:
    before = clock.now_us() // 1_000
    milliseconds = uuid.UUID(clock.new_id()).int >> 80
    assert before <= milliseconds <= clock.now_us() // 1_000


def test_the_same_cause_gives_the_same_id() -> None:
    assert clock.derived_id("e", "a", "0") == clock.derived_id("e", "a", "0")
    made = [
        clock.derived_id(*names)
        for names in (("e", "a", "0"), ("e", "a", "1"), ("e", "a0"), ("e", "", "a0"))
    ]
    assert len(set(made)) == 4


def test_the_clock_is_aware() -> None:
    assert clock.now().tzinfo is UTC
    assert clock.today() in {clock.now().date(), clock.now().date()}
