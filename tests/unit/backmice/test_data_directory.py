"""A data folder has one owner at a time, and nobody else reads its secrets."""

import os
import subprocess
import sys

import pytest

from backmice.data_directory import DataDirectory, DirectoryInUse, write_private


def test_a_folder_is_readable_by_its_owner_only(folder):
    for path in (folder.root, folder.keys, folder.logs, folder.events, folder.service("intake")):
        assert path.is_dir()
    assert folder.root.stat().st_mode & 0o077 == 0


def test_a_folder_is_taken_once(folder):
    owner = folder.lock()
    with pytest.raises(DirectoryInUse, match="DATA="):
        folder.lock(patience_s=0.0)
    os.close(owner)
    os.close(folder.lock(patience_s=0.0))


def test_a_folder_stays_taken_as_long_as_a_child_lives(folder, eventually):
    owner = folder.lock()
    child = subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read()"],
        stdin=subprocess.PIPE,
        pass_fds=[owner],
    )
    os.close(owner)
    with pytest.raises(DirectoryInUse):
        folder.lock(patience_s=0.0)
    child.stdin.close()
    child.wait()
    os.close(folder.lock(patience_s=5.0))


def test_the_note_is_read_back(folder):
    assert folder.read_state() is None
    folder.write_state({"address": "http://x", "token": "t"})
    assert folder.read_state() == {"address": "http://x", "token": "t"}
    assert folder.state_file.stat().st_mode & 0o077 == 0


def test_a_torn_note_is_no_note(folder):
    folder.state_file.write_text('{"addr')
    assert folder.read_state() is None


def test_a_private_file_is_private_from_the_first_byte(tmp_path):
    write_private(tmp_path / "key", b"secret")
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_making_a_folder_again_keeps_what_is_in_it(folder):
    (folder.events / "log.db").write_bytes(b"x")
    assert (DataDirectory.make(folder.root).events / "log.db").read_bytes() == b"x"
