"""What is said of a SQLite that may damage its file, and how long each of us waits for a lock."""

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.support.waiting import mostly

from chassis.settings import SettingsError
from chassis.storage import sqlite
from chassis.storage.database import REQUEST_TIMEOUTS, Database, Timeouts, Unavailable

REPORTED_WITHIN = 2.0


@pytest.mark.parametrize(
    ("version", "affected"),
    [
        ("3.40.1", True),
        ("3.44.5", True),
        ("3.44.6", False),
        ("3.45.0", True),
        ("3.50.6", True),
        ("3.50.7", False),
        ("3.51.2", True),
        ("3.51.3", False),
        ("3.52", False),
        ("4.0.0", False),
    ],
)
def test_versions_with_the_error_are_known(version: str, affected: bool) -> None:
    assert sqlite.has_wal_reset_bug(version) is affected


def test_a_process_warns_once_at_its_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sqlite.sqlite3, "sqlite_version", "3.51.2")
    monkeypatch.setattr(sqlite, "_warned", set())
    with caplog.at_level(logging.WARNING):
        for name in ("a", "b"):
            database = Database.open(f"sqlite:///{tmp_path}/{name}.db")
            database.enter()
            database.close()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "SQLite 3.51.2" in caplog.text


def test_whoever_answers_clients_gives_up_in_time(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    holder, hasty = Database.open(url), Database.open(url, timeouts=REQUEST_TIMEOUTS)
    hasty.ping()
    with holder.write():
        assert mostly(lambda: _refused(hasty), REPORTED_WITHIN) < REPORTED_WITHIN
    holder.close()
    hasty.close()


def _refused(hasty: Database) -> float:
    """For how many seconds a client waits."""
    began = time.monotonic()
    with pytest.raises(Unavailable, match="locked"), hasty.write():
        pass
    took = time.monotonic() - began
    assert took > 1
    return took


def test_the_threads_of_a_process_take_turns(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path}/a.db", timeouts=Timeouts(0.4, None))
    wanted = pytest.raises(Unavailable, match="too many want to write")
    with ThreadPoolExecutor() as others, database.write():
        began = time.monotonic()
        with wanted:
            others.submit(_write, database).result()
        assert time.monotonic() - began >= 0.2
    _write(database)
    database.close()


def _write(database: Database) -> None:
    with database.write() as connection:
        connection.execute(text("SELECT 1"))


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://here/it"])
def test_a_url_that_is_none_of_ours_is_said_in_one_line(url: str) -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL is not understood"):
        Database.open(url)
