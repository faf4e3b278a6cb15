"""Each role of a service imports what it needs, and nothing of the other roles."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
SERVICES = ("intake", "diagnosis", "treatment")
WEB = {"flask", "werkzeug", "marshmallow", "gunicorn", "jwt", "apispec"}
LOADED = """
import atexit, json, sys
atexit.register(lambda: print(json.dumps(sorted(sys.modules)), file=sys.__stdout__))
"""


def python(folder, *arguments, **environment):
    (folder / "sitecustomize.py").write_text(LOADED)
    known = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{ROOT / 'services'}{os.pathsep}{folder}",
        "DATABASE_URL": f"sqlite:///{folder}/a.db",
        "RUN_DIR": str(folder),
        **environment,
    }
    return subprocess.run(
        [sys.executable, *arguments],
        env=known,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def loaded(done):
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("service", SERVICES)
def test_a_worker_imports_no_web_framework_no_alembic_and_no_figures(tmp_path, service):
    done = python(tmp_path, "-m", service, "worker", BROKER_URL="nonsense:")
    assert (done.returncode, done.stderr[:16]) == (1, f"{service}: BROKER_URL"[:16])
    code = f"""
from chassis.service import worker
from chassis.service.declaration import resolve
resolve(resolve("{service}.app:SERVICE").consumer)
"""
    done = python(tmp_path, "-c", code)
    assert not loaded(done) & (WEB | {"alembic", "prometheus_client", "wsgiref"}), done.stderr
    assert f"{service}.subscriptions" in loaded(done)


@pytest.mark.parametrize("service", SERVICES)
def test_a_relay_imports_neither_handlers_nor_rules(tmp_path, service):
    done = python(tmp_path, "-m", service, "relay", BROKER_URL="nonsense:")
    assert done.returncode == 1
    assert "chassis.messaging.sending.relay" in loaded(done)
    assert not loaded(done) & (
        WEB | {"alembic", f"{service}.use_cases", f"{service}.subscriptions"}
    )


@pytest.mark.parametrize("service", SERVICES)
def test_migrating_imports_neither_routes_nor_handlers_nor_rules(tmp_path, service):
    done = python(tmp_path, "-m", service, "migrate")
    assert (done.returncode, done.stderr) == (0, f"{service}: applied 0001_first_schema\n")
    assert "alembic" in loaded(done)
    others = {f"{service}.{name}" for name in ("use_cases", "routes", "subscriptions", "judge")}
    assert not loaded(done) & (WEB | others)


@pytest.mark.parametrize("service", SERVICES)
def test_the_master_of_the_server_imports_neither_flask_nor_tables(tmp_path, service):
    configuration = tmp_path / "stop.py"
    configuration.write_text("def on_starting(server):\n    raise SystemExit(0)\n")
    done = python(tmp_path, "-m", service, "api", GUNICORN_CONF=str(configuration))
    assert "gunicorn.arbiter" in loaded(done), done.stderr
    assert not loaded(done) & {"flask", "sqlalchemy", f"{service}.app"}


@pytest.mark.parametrize("arguments", [[], ["fly"], ["relay", "--with-relay"], ["worker", "now"]])
def test_a_wrong_command_line_is_code_2_and_said_in_words(tmp_path, arguments):
    done = python(tmp_path, "-m", "intake", *arguments)
    assert done.returncode == 2
    assert "Usage: python -m intake" in done.stderr
    assert "Traceback" not in done.stderr


def test_help_names_every_role(tmp_path):
    done = python(tmp_path, "-m", "intake", "--help")
    assert done.returncode == 0
    for role in ("api", "worker", "relay", "migrate", "describe", "operate"):
        assert role in done.stdout


def test_an_old_schema_and_an_absent_database_are_one_sentence(tmp_path):
    done = python(tmp_path, "-m", "intake", "operate", "health")
    assert done.returncode == 3
    assert "there is no database" in done.stderr
    done = python(tmp_path, "-m", "intake", "migrate", DATABASE_URL="sqlite:////nowhere/a.db")
    assert done.returncode == 1
    assert done.stderr.startswith("intake: ")
    assert "Traceback" not in done.stderr
