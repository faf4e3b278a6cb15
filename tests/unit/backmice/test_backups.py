"""A backup is one moment of all databases; a restore never overwrites."""

import sqlite3
import tarfile
from contextlib import closing

import pytest

from backmice.backups import ArchiveUnusable, backup, restore
from backmice.data_directory import DataDirectory, DirectoryInUse


def database(path, *rows):
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE IF NOT EXISTS thing (name TEXT)")
        connection.executemany("INSERT INTO thing VALUES (?)", [(row,) for row in rows])


def rows(path):
    with closing(sqlite3.connect(path)) as connection:
        return [row for (row,) in connection.execute("SELECT name FROM thing")]


@pytest.fixture
def filled(folder):
    database(folder.service("intake") / "intake.db", "a", "b")
    database(folder.events / "log.db", "event")
    (folder.keys / "signing-key.pem").write_text("key")
    (folder.logs / "x.log").write_text("noise")
    folder.write_state({"address": "x"})
    return folder


@pytest.fixture
def elsewhere(tmp_path):
    return DataDirectory.make(tmp_path / "elsewhere")


def test_what_was_backed_up_is_restored(filled, elsewhere, tmp_path):
    assert backup(filled, tmp_path / "all.tar.gz") == 0
    assert restore(elsewhere, tmp_path / "all.tar.gz") == 0
    assert rows(elsewhere.root / "intake" / "intake.db") == ["a", "b"]
    assert rows(elsewhere.events / "log.db") == ["event"]
    assert (elsewhere.keys / "signing-key.pem").read_text() == "key"


def test_an_archive_is_private_and_holds_no_logs_and_no_note(filled, tmp_path):
    backup(filled, tmp_path / "all.tar.gz")
    assert (tmp_path / "all.tar.gz").stat().st_mode & 0o077 == 0
    with tarfile.open(tmp_path / "all.tar.gz") as packed:
        assert set(packed.getnames()) == {
            "intake/intake.db",
            "events/log.db",
            "keys/signing-key.pem",
        }


def test_a_backup_waits_for_a_writer_and_then_has_its_row(filled, tmp_path):
    writer = sqlite3.connect(filled.root / "intake" / "intake.db", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("INSERT INTO thing VALUES ('uncommitted')")
    writer.execute("ROLLBACK")
    backup(filled, tmp_path / "all.tar.gz")
    writer.execute("INSERT INTO thing VALUES ('later')")  # nothing is locked any more
    writer.close()
    assert rows(filled.root / "intake" / "intake.db") == ["a", "b", "later"]


def test_a_restore_never_overwrites_data(filled, tmp_path):
    backup(filled, tmp_path / "all.tar.gz")
    with pytest.raises(DirectoryInUse, match="already holds 2 databases"):
        restore(filled, tmp_path / "all.tar.gz")


def test_a_restore_does_not_touch_a_running_system(elsewhere, filled, tmp_path):
    backup(filled, tmp_path / "all.tar.gz")
    elsewhere.lock()
    with pytest.raises(DirectoryInUse):
        restore(elsewhere, tmp_path / "all.tar.gz")


def test_an_archive_cannot_write_outside_the_folder(elsewhere, tmp_path):
    (tmp_path / "x").write_text("x")
    with tarfile.open(tmp_path / "bad.tar.gz", "w:gz") as packed:
        packed.add(tmp_path / "x", "../escaped")
    with pytest.raises(tarfile.OutsideDestinationError):
        restore(elsewhere, tmp_path / "bad.tar.gz")
    assert not (tmp_path / "escaped").exists()


@pytest.mark.parametrize("content", [None, b"", b"no archive at all"])
def test_what_is_no_archive_is_refused_in_words(elsewhere, tmp_path, content):
    archive = tmp_path / "all.tar.gz"
    if content is not None:
        archive.write_bytes(content)
    with pytest.raises(ArchiveUnusable, match=r"all\.tar\.gz"):
        restore(elsewhere, archive)


def test_a_place_that_cannot_be_written_to_is_refused_in_words(filled, tmp_path):
    with pytest.raises(ArchiveUnusable, match="cannot be written to"):
        backup(filled, tmp_path / "nowhere" / "all.tar.gz")


def test_a_restore_says_how_to_start_what_it_restored(filled, elsewhere, tmp_path, capfd):
    backup(filled, tmp_path / "all.tar.gz")
    restore(elsewhere, tmp_path / "all.tar.gz")
    assert f"make run DATA={elsewhere.root}" in capfd.readouterr().out
