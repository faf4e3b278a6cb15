"""Intake as it runs: a gunicorn, real sockets, more waiting clients than may wait."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from chassis import clock
from intake.routes import examples

ROOT = Path(__file__).parents[3]


@pytest.fixture
def port(intake):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT / "services"),
        "DATABASE_URL": intake.settings.database_url,
        "RUN_DIR": str(intake.settings.run_dir),
        "JWKS_FILE": str(intake.settings.jwks_file),
        "PORT": str(number),
        "THREADS": "6",
        "WAITING_LIMIT": "3",
    }
    process = subprocess.Popen([sys.executable, "-m", "intake", "api"], env=environment, cwd=ROOT)
    try:
        until(lambda: ask(number, "GET", "/readyz")[0] == 200)
        yield number
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def ask(port, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=40)
    try:
        connection.request(method, path, body and json.dumps(body), headers or {})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or b"{}")
    except ConnectionError:
        return 0, {}
    finally:
        connection.close()


def until(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def submit(intake, port, answers, wait):
    own = {"Idempotency-Key": clock.new_id(), "Content-Type": "application/json"}
    sent = intake.headers(**own, Prefer=f"wait={wait}")
    answers.append(ask(port, "POST", "/v1/cases", examples.CASE, sent))


def test_waiting_clients_never_keep_the_others_out(intake, port, running):
    answers = []
    clients = [threading.Thread(target=submit, args=(intake, port, answers, 30)) for _ in range(12)]
    for client in clients:
        client.start()
    until(lambda: len(answers) == 9)  # three sit; the others have their answer already
    assert {status for status, _ in answers} == {202}
    began = time.monotonic()
    for _ in range(20):
        assert ask(port, "GET", "/v1/cases", headers=intake.headers())[0] == 200
    assert time.monotonic() - began < 5
    with running(intake.worker):
        identifiers = {body["case_id"] for _, body in answers}
        listed = ask(port, "GET", "/v1/cases", headers=intake.headers())[1]["cases"]
        for case in listed:
            if case["case_id"] not in identifiers:
                intake.peer.plans(case["case_id"])
        for client in clients:
            client.join(40)
    assert sorted(status for status, _ in answers) == [200] * 3 + [202] * 9
