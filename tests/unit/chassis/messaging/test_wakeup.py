"""Doorbells wake, may be lost, and never harm."""

import threading
import time
from pathlib import Path

from chassis.messaging.wakeup import Doorbell, ring, ring_all
from chassis.storage.ownership import FileLock


def test_a_ring_wakes_who_waits(tmp_path: Path) -> None:
    with Doorbell.listen(tmp_path, "relay") as bell:
        threading.Timer(0.05, ring, (tmp_path, "relay")).start()
        assert bell.wait(10)


def test_many_rings_are_one(tmp_path: Path) -> None:
    with Doorbell.listen(tmp_path, "relay") as bell:
        for _ in range(5_000):
            ring(tmp_path, "relay")
        assert bell.wait(1)
        assert not bell.wait(0)


def test_ringing_where_nobody_listens_is_no_error(tmp_path: Path) -> None:
    ring(tmp_path, "relay")
    ring_all(tmp_path / "nowhere")


def test_a_name_can_be_taken_over(tmp_path: Path) -> None:
    with Doorbell.listen(tmp_path, "relay"), Doorbell.listen(tmp_path, "relay") as heir:
        ring(tmp_path, "relay")
        assert heir.wait(1)


def test_all_of_a_prefix_are_rung_and_the_dead_forgotten(tmp_path: Path) -> None:
    dead = Doorbell.listen(tmp_path, "api-dead")
    for _, listening in dead._sockets:
        listening.close()
    with Doorbell.listen(tmp_path, "api-1") as one, Doorbell.listen(tmp_path, "other") as other:
        ring_all(tmp_path, "api-")
        assert one.wait(1)
        assert not other.wait(0)
        assert len(list(one._sockets[0][0].parent.glob("api-*"))) == 1


def test_one_bell_may_hang_in_several_folders_however_long_their_names(tmp_path: Path) -> None:
    folders = [tmp_path / ("x" * 100) / name for name in ("a", "b")]
    with Doorbell.listen_in(folders, "consumer") as bell:
        for folder in folders:
            ring_all(folder)
            assert bell.wait(1)


def test_waiting_ends_in_time(tmp_path: Path) -> None:
    with Doorbell.listen(tmp_path, "relay") as bell:
        began = time.monotonic()
        assert not bell.wait(0.05)
        assert 0.04 < time.monotonic() - began < 5


def test_a_lock_has_one_holder(tmp_path: Path) -> None:
    one, other = FileLock(tmp_path / "a" / "lock"), FileLock(tmp_path / "a" / "lock")
    assert one.take()
    assert one.take()
    assert not other.take()
    one.note("17\n")
    assert (tmp_path / "a" / "lock").read_text() == "17\n"
    one.release()
    assert other.take()
    other.release()
