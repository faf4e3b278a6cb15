"""Who may enter which database, and what is said to those who may not."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from tests.support.servers.postgres import SERVICES, PostgresServer

from chassis.settings import SettingsError
from chassis.storage.database import Database

pytestmark = pytest.mark.servers

WRONG = {"password": "wrong"}
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def urls(server: PostgresServer) -> dict[str, str]:
    return server.fresh_databases("clinic")


def changed(url: str, **replaced: str) -> str:
    return make_url(url).set(**replaced).render_as_string(hide_password=False)


def entered(url: str, password_file: Path | None = None) -> str:
    """Return what is said to a process that begins with this URL."""
    database = Database.open(url, password_file)
    try:
        database.enter()
    except SettingsError as error:
        return str(error)
    finally:
        database.close()
    return ""


def test_every_service_enters_its_own_database_and_no_other(urls: dict[str, str]) -> None:
    for service in SERVICES:
        assert entered(urls[service]) == ""
        for other in {*SERVICES, "postgres", "template1"} - {service}:
            name = f"clinic_{other}" if other in SERVICES else other
            assert "permission denied for database" in entered(
                changed(urls[service], database=name)
            )


def test_roles_own_their_database_and_nothing_else(
    server: PostgresServer, urls: dict[str, str]
) -> None:
    mighty = server.admin(
        "SELECT rolname FROM pg_roles WHERE rolcanlogin AND true = ANY "
        "(array[rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls])"
    )
    assert mighty == [("postgres",)]
    assert server.admin("SELECT * FROM pg_auth_members WHERE member > 16000") == []
    for service, url in urls.items():
        database = Database.open(url)
        with database.read() as connection:
            found = connection.execute(text("SELECT name, setting FROM pg_settings"))
            settings = dict(found.all())
            owner = connection.execute(
                text("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = :name"),
                {"name": f"clinic_{service}"},
            ).scalar_one()
        database.close()
        assert owner == f"clinic_{service}"
        assert settings["synchronous_commit"] == "on"
        assert int(settings["statement_timeout"]) > int(settings["lock_timeout"]) > 0
        assert int(settings["idle_in_transaction_session_timeout"]) > 0


@pytest.mark.parametrize("service", SERVICES)
def test_whoever_comes_as_a_role_has_its_settings_without_asking(
    urls: dict[str, str], service: str
) -> None:
    assert settings_of(urls[service]) == {
        "statement_timeout": "10s",
        "lock_timeout": "5s",
        "idle_in_transaction_session_timeout": "15s",
        "default_toast_compression": "lz4",
        "tcp_keepalives_idle": "10",
        "tcp_keepalives_interval": "5",
        "tcp_keepalives_count": "3",
    }


def test_a_server_without_the_fast_compression_makes_the_roles_all_the_same(
    server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.admin("CREATE SCHEMA older")
    server.admin(
        "CREATE VIEW older.pg_settings AS SELECT name, array_remove(enumvals, 'lz4') AS enumvals "
        "FROM pg_catalog.pg_settings"
    )
    monkeypatch.setenv("PGOPTIONS", "-c search_path=older,pg_catalog")
    url = server.fresh_database("older")
    monkeypatch.undo()
    found = settings_of(url)
    assert (found["default_toast_compression"], found["lock_timeout"]) == ("pglz", "5s")
    server.drop("older")
    server.admin("DROP SCHEMA older CASCADE")


def settings_of(url: str) -> dict[str, str]:
    """What a plain connection of a role is told: ours sets some of it itself."""
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    names += ("default_toast_compression",)
    names += ("tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count")
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        return {name: connection.execute(f"SHOW {name}").fetchone()[0] for name in names}


def test_the_password_may_lie_in_a_file_and_change(
    server: PostgresServer, urls: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "password"
    file.write_text("first try\n")
    without = changed(urls["intake"], password="")
    assert "password authentication failed" in entered(without, file)
    file.write_text(server.password + "\n")
    assert entered(without, file) == ""


@pytest.mark.parametrize(
    ("replaced", "message"),
    [
        (WRONG, "password authentication failed"),
        ({"username": "nobody"}, "password authentication failed"),
        ({"database": "nowhere"}, 'database "nowhere" does not exist'),
        ({"drivername": "mysql"}, "DATABASE_URL is not understood"),
    ],
)
@pytest.mark.parametrize("role", ["migrate", "relay"])
def test_a_process_that_will_never_be_let_in_ends_with_one_line(
    urls: dict[str, str], tmp_path: Path, replaced: dict[str, str], message: str, role: str
) -> None:
    done = started(role, changed(urls["intake"], **replaced), tmp_path)
    assert done.returncode == 1
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "wrong" not in done.stderr


def test_the_http_server_says_it_too_and_does_not_try_for_ever(
    urls: dict[str, str], tmp_path: Path
) -> None:
    done = started("api", changed(urls["intake"], **WRONG), tmp_path)
    assert done.returncode == 3
    assert "password authentication failed" in done.stderr
    assert "Traceback" not in done.stderr


def started(role: str, url: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT / "services"),
        "DATABASE_URL": url,
        "BROKER_URL": f"local://{folder}/log",
        "RUN_DIR": str(folder),
        "PORT": "1",  # it never comes so far
    }
    return subprocess.run(
        [sys.executable, "-m", "intake", role],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
