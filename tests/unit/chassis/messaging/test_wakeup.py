"""Wake-ups arrive, may be lost, and never harm."""

import threading
import time
from pathlib import Path

from chassis.messaging.wakeup import WakeupListener, notify, notify_all
from chassis.storage.ownership import FileLock


def test_a_ring_wakes_who_waits(tmp_path: Path) -> None:
    with WakeupListener.listen(tmp_path, "relay") as listener:
        threading.Timer(0.05, notify, (tmp_path, "relay")).start()
        assert listener.wait(10)


def test_many_rings_are_one(tmp_path: Path) -> None:
    with WakeupListener.listen(tmp_path, "relay") as listener:
        for _ in range(5_000):
            notify(tmp_path, "relay")
        assert listener.wait(1)
        assert not listener.wait(0)


def test_ringing_where_nobody_listens_is_no_error(tmp_path: Path) -> None:
    notify(tmp_path, "relay")
    notify_all(tmp_path / "nowhere")


def test_a_name_can_be_taken_over(tmp_path: Path) -> None:
    with WakeupListener.listen(tmp_path, "relay"), WakeupListener.listen(tmp_path, "relay") as heir:
        notify(tmp_path, "relay")
        assert heir.wait(1)


def test_all_of_a_prefix_are_rung_and_the_dead_forgotten(tmp_path: Path) -> None:
    dead = WakeupListener.listen(tmp_path, "api-dead")
    for _, listening in dead._sockets:
        listening.close()
    with (
        WakeupListener.listen(tmp_path, "api-1") as one,
        WakeupListener.listen(tmp_path, "other") as other,
    ):
        notify_all(tmp_path, "api-")
        assert one.wait(1)
        assert not other.wait(0)
        assert len(list(one._sockets[0][0].parent.glob("api-*"))) == 1


def test_one_bell_may_hang_in_several_folders_however_long_their_names(tmp_path: Path) -> None:
    folders = [tmp_path / ("x" * 100) / name for name in ("a", "b")]
    with WakeupListener.listen_in(folders, "consumer") as listener:
        for folder in folders:
            notify_all(folder)
            assert listener.wait(1)


def test_waiting_ends_in_time(tmp_path: Path) -> None:
    with WakeupListener.listen(tmp_path, "relay") as listener:
        began = time.monotonic()
        assert not listener.wait(0.05)
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
