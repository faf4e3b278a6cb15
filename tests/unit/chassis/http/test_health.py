"""Probes: alive asks nobody, ready asks everything."""

import pytest
from flask import Flask

from chassis.http.health import probes


def fails():
    raise RuntimeError("away")


@pytest.fixture
def client():
    app = Flask("x")
    app.register_blueprint(
        probes({"database": fails, "disk": lambda: None}, {"schema": lambda: None})
    )
    return app.test_client()


def test_a_process_is_alive_whatever_it_depends_on(client):
    assert client.get("/livez").status_code == 200


def test_a_process_is_not_ready_if_one_check_fails(client):
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "1"
    assert answer.json["checks"] == {"database": "failed", "disk": "ok"}


def test_a_process_has_started_if_its_checks_pass(client):
    assert client.get("/startupz").json == {"status": "ok", "checks": {"schema": "ok"}}
