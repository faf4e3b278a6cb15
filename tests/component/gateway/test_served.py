"""The gateway as it is really served: gunicorn, threads, keep-alive, and a lifeline."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture
def lifeline():
    ends = list(os.pipe())
    yield ends
    for end in ends:
        os.close(end)


@pytest.fixture
def served(services, lifeline, closed_port, tmp_path):
    """A gateway process; its port is reserved by `closed_port`, which it may share."""
    environment = {f"{name.upper()}_URL": service.address for name, service in services.items()}
    environment |= {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "XDG_RUNTIME_DIR": str(tmp_path),
        "PYTHONPATH": str(ROOT / "services"),
        "HOST": "127.0.0.1",
        "PORT": str(closed_port),
        "PARENT_PIPE_FD": str(lifeline[0]),
        "GRACE_S": "1",
    }
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gateway", "api"],
            env=environment,
            pass_fds=[lifeline[0]],
            stderr=log,
            start_new_session=True,
        )
    deadline = time.monotonic() + 20
    while not answers(closed_port):
        assert process.poll() is None, (tmp_path / "log").read_text()
        assert time.monotonic() < deadline, (tmp_path / "log").read_text()
        time.sleep(0.02)
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def answers(port):
    try:
        return ask(port, "GET", "/livez")[0] == 200
    except OSError:
        return False


def ask(port, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


@pytest.mark.usefixtures("served")
def test_bodies_of_every_kind_reach_the_service(services, closed_port):
    pieces = [b'{"a":', b"1}"]
    assert ask(closed_port, "POST", "/v1/cases", b'{"a":1}')[0] == 200
    assert ask(closed_port, "POST", "/v1/cases", iter(pieces))[0] == 200  # chunked
    assert ask(closed_port, "POST", "/v1/cases", b"x" * 900_000)[0] == 200
    sent = [body for _, _, _, body in services["intake"].asked]
    assert sent == [b'{"a":1}', b'{"a":1}', b"x" * 900_000]


@pytest.mark.usefixtures("served")
def test_a_chunked_body_without_an_end_in_sight_is_refused(services, closed_port):
    pieces = (b"x" * 65_536 for _ in range(17))
    status, body = ask(closed_port, "POST", "/v1/cases", pieces)
    assert status == 413
    assert json.loads(body)["limit"] == 2**20
    assert services["intake"].asked == []


@pytest.mark.usefixtures("served")
def test_an_escaped_path_arrives_as_it_was_sent(services, closed_port):
    ask(closed_port, "GET", "/v1/cases/a%2Fb%20c?x=%26")
    assert services["intake"].asked[0][1] == "/v1/cases/a%2Fb%20c?x=%26"


@pytest.mark.usefixtures("served")
def test_one_connection_serves_many_requests(closed_port):
    connection = http.client.HTTPConnection("127.0.0.1", closed_port, timeout=10)
    connection.connect()
    ours = connection.sock
    for _ in range(3):
        connection.request("GET", "/v1/cases")
        assert connection.getresponse().read()
    assert connection.sock is ours
    connection.close()


@pytest.mark.usefixtures("served")
def test_no_control_socket_is_made(tmp_path):
    assert [path for path in tmp_path.rglob("*") if path.is_socket()] == []


def test_master_and_worker_end_with_their_supervisor(served, lifeline, closed_port):
    os.close(lifeline[1])
    lifeline[1] = os.dup(lifeline[0])
    served.wait(timeout=20)
    deadline = time.monotonic() + 20
    while listens(closed_port):
        assert time.monotonic() < deadline, "somebody still listens"
        time.sleep(0.02)


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except ConnectionRefusedError:
        return False
    except ConnectionResetError:  # its last moment
        return True
    return True


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize("mebibytes", [2, 7])
def test_a_client_that_sends_too_much_hears_why(closed_port, mebibytes):
    status, body = ask(closed_port, "POST", "/v1/cases", b"x" * (mebibytes * 2**20))
    assert status == 413
    assert json.loads(body)["type"] == "/problems/body-too-large"
