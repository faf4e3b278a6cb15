"""Figures and probes of a process that serves nothing else."""

import socket

import orjson
import pytest
import urllib3
from prometheus_client.parser import text_string_to_metric_families

from chassis.settings import SettingsError
from chassis.telemetry.port import serve


def ill():
    raise ValueError("not now")


@pytest.fixture(scope="module")
def port():
    return serve("127.0.0.1", 0, {"/livez": {"loop": lambda: None}, "/readyz": {"database": ill}})


def ask(port, path):
    return urllib3.request("GET", f"http://127.0.0.1:{port}{path}", retries=False, timeout=10)


def test_figures_are_prometheus_own(port):
    answer = ask(port, "/metrics?name[]=python_info")
    families = text_string_to_metric_families(answer.data.decode())
    assert [family.name for family in families] == ["python_info"]
    assert answer.headers["Content-Type"].startswith("text/plain")


def test_a_probe_names_its_checks_and_says_how_each_went(port):
    answer = ask(port, "/livez")
    assert (answer.status, orjson.loads(answer.data)) == (
        200,
        {"status": "ok", "checks": {"loop": "ok"}},
    )
    answer = ask(port, "/readyz")
    assert (answer.status, orjson.loads(answer.data)) == (
        503,
        {"status": "unavailable", "checks": {"database": "failed"}},
    )


def test_any_other_path_is_not_found(port):
    assert ask(port, "/elsewhere").status == 404


def test_a_client_that_sends_nothing_keeps_nobody_waiting(port):
    with socket.create_connection(("127.0.0.1", port)):
        assert ask(port, "/livez").status == 200


def test_a_port_that_is_taken_is_refused_in_words(port):
    with pytest.raises(SettingsError, match=f"METRICS_PORT {port} on 127.0.0.1 is taken"):
        serve("127.0.0.1", port, {})
