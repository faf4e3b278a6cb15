"""Relay and worker of a real service, watched through their own small port."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import orjson
import pytest
import urllib3
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from tests.support.waiting import eventually
from tests.system.product import free_port

from chassis.messaging.brokers import open_broker
from chassis.messaging.operating import role_state
from chassis.messaging.port import TopicSpec

ROOT = Path(__file__).parents[3]


class Watched:
    """`python -m treatment worker --with-relay`, and what it tells."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.folder = folder
        self.environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT / "services"),
            "DATABASE_URL": f"sqlite:///{folder}/treatment.db",
            "BROKER_URL": f"local://{folder}/log",
            "RUN_DIR": str(folder),
            "METRICS_PORT": str(self.port),
        }
        self.pool = urllib3.PoolManager(retries=False, timeout=10)

    def python(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "treatment", *words]

    def ask(self, path: str) -> tuple[int, bytes]:
        answer = self.pool.request("GET", f"http://127.0.0.1:{self.port}{path}")
        return answer.status, answer.data

    def probe(self, path: str) -> tuple[int, dict[str, str]]:
        status, body = self.ask(path)
        return status, orjson.loads(body)["checks"]

    def answers(self) -> bool:
        try:
            return self.probe("/readyz")[0] == 200
        except urllib3.exceptions.HTTPError:
            return False


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    made = Watched(tmp_path)
    subprocess.run(made.python("migrate"), env=made.environment, cwd=ROOT, check=True)
    topics = [TopicSpec("diagnosis.case.v1"), TopicSpec("treatment.case.v1")]
    with closing(open_broker(made.environment["BROKER_URL"])) as broker:
        broker.ensure_topics(topics)
    command = made.python("worker", "--with-relay")
    with (tmp_path / "log.txt").open("wb") as log:
        process = subprocess.Popen(command, env=made.environment, cwd=ROOT, stderr=log)
    try:
        eventually(made.answers, within=30, what="readiness")
        made.process = process  # type: ignore[attr-defined]
        yield made
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        process.wait(20)
        made.pool.clear()


def test_a_worker_tells_how_it_is(watched: Watched) -> None:
    assert watched.probe("/livez") == (200, {"relay": "ok", "worker": "ok"})
    assert watched.probe("/readyz") == (
        200,
        {"database": "ok", "assigned": "ok", "circuit": "ok"},
    )
    assert watched.probe("/startupz") == (
        200,
        {"schema": "ok", "topic diagnosis.case.v1": "ok"},
    )
    # the relay may not have taken its place yet, and who asks again too soon is told the same
    eventually(lambda: _metrics(watched)["relay_leader"].samples[0].value == 1, what="a leader")
    families = _metrics(watched)
    assert families["consumer_circuit_open"].samples[0].value == 0
    assert {sample.labels["partition"] for sample in families["consumer_lag_records"].samples} == {
        *"0123"
    }
    assert 0 < families["disk_free_ratio"].samples[0].value < 1
    assert "case_end_to_end_duration_seconds" in families
    assert watched.ask("/nowhere")[0] == 404
    # written after the relay's
    eventually(lambda: role_state.read(watched.folder, "worker"), what="a note")
    assert role_state.read(watched.folder, "relay") == {"leader": True}
    assert role_state.read(watched.folder, "worker") == {"circuit_open": False}


def _metrics(watched: Watched) -> dict[str, Metric]:
    """What it tells of itself, by name."""
    status, text = watched.ask("/metrics")
    assert status == 200
    return {family.name: family for family in text_string_to_metric_families(text.decode())}


def test_a_port_that_is_taken_is_an_error_in_words(watched: Watched) -> None:
    command = watched.python("worker")
    second = subprocess.run(
        command,
        env=watched.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert second.returncode == 1
    assert f"METRICS_PORT {watched.port}" in second.stderr
    assert "Traceback" not in second.stderr


def test_who_is_not_watched_loads_nothing_for_it(tmp_path: Path) -> None:
    code = (
        "import sys, treatment.app, treatment.subscriptions, chassis.service.worker;"
        "assert 'prometheus_client' not in sys.modules;"
        "assert 'http.server' not in sys.modules"
    )
    subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "services")},
        cwd=tmp_path,
        check=True,
    )
