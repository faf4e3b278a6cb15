"""The demo prints what the API returned, shows each step once, and says at once if nothing runs."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from backmice import demo as module
from backmice.__main__ import main
from backmice.demo import demo


class Api(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    progress: list
    posted: list
    ready = 200

    def do_GET(self):
        path, text = self.path, self.headers["Accept"] == "text/plain"
        if path == "/readyz":
            self.say(b"{}", self.ready)
        elif path == "/v1/cases/7" and text:
            self.say("WHAT TO DO, é.\n".encode())
        elif path == "/v1/cases/7":
            step = self.progress.pop(0) if len(self.progress) > 1 else self.progress[0]
            here = "/v1/cases/7/revisions/1"
            links = {f"{kind}_document": f"{here}/{kind}" for kind in ("assessment", "plan")}
            done = {"assessment": {}, "plan": {}} if step == "planned" else {}
            case = {"progress": {"state": step}, "links": links} | done
            self.say(json.dumps(case).encode())

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.posted.append((self.headers["Idempotency-Key"], self.headers["Authorization"], body))
        if body == b"bad":
            self.say(b'{"title":"no"}', 422)
        else:
            self.say(b"{}", 202, ("Location", "/v1/cases/7"))

    def say(self, body, status=200, *headers):
        self.send_response(status)
        for name, value in (("Content-Length", str(len(body))), *headers):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments):
        pass


@pytest.fixture
def api(folder):
    api = type("Bound", (Api,), {"progress": ["submitted", "assessed", "planned"], "posted": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), api)
    server.daemon_threads = True
    threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    ).start()
    folder.write_state({"address": f"http://127.0.0.1:{server.server_address[1]}", "token": "t"})
    yield api
    server.shutdown()
    server.server_close()


@pytest.fixture
def case(tmp_path):
    path = tmp_path / "case.json"
    path.write_bytes(b'{"reference":"x"}')
    return path


def test_the_demo_prints_exactly_the_text_of_the_api(folder, api, case, capfd):
    assert demo(folder, case, as_json=False) == 0
    printed = capfd.readouterr()
    assert printed.out == "WHAT TO DO, é.\n"
    assert "full text: GET /v1/cases/7/revisions/1/plan" in printed.err
    for step in ("202", "submitted", "assessed", "planned"):
        assert printed.err.count(step) == 1
    ((key, token, body),) = api.posted
    assert (len(key), token, body) == (36, "Bearer t", b'{"reference":"x"}')


def test_the_demo_prints_json_as_the_api_gave_it(folder, api, case, capfd):
    assert demo(folder, case, as_json=True) == 0
    printed = json.loads(capfd.readouterr().out)
    assert printed["progress"] == {"state": "planned"}


def test_a_case_that_does_not_move_shows_what_it_waits_for(folder, api, case, capfd, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE_S", 0.1)
    api.progress[:] = ["submitted"]
    assert demo(folder, case, as_json=False) == 1
    printed = capfd.readouterr()
    assert "still submitted" in printed.err
    assert printed.out == "WHAT TO DO, é.\n"


def test_a_refusal_is_shown(folder, api, case, capfd):
    case.write_bytes(b"bad")
    assert demo(folder, case, as_json=False) == 1
    assert "422" in capfd.readouterr().err


@pytest.mark.parametrize("note", [None, {"address": "http://127.0.0.1:9", "token": "t"}])
def test_without_a_running_system_the_demo_says_so_at_once(folder, case, capfd, note):
    if note:
        folder.write_state(note)
    began = time.monotonic()
    assert main(["demo", "--data", str(folder.root), "--file", str(case)]) == 1
    assert time.monotonic() - began < 5  # it does not wait for it to become ready
    assert "make run" in capfd.readouterr().err


def test_a_system_that_is_not_ready_is_not_asked(folder, api, case, capfd):
    api.ready = 503
    assert demo(folder, case, as_json=False) == 1
    assert api.posted == []
    assert "make run" in capfd.readouterr().err
