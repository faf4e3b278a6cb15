"""The supervisor starts, watches and stops; and says why if it cannot."""

import os
import signal
import subprocess
import sys
from contextlib import closing
from socket import socket

import pytest

from backmice import supervisor as module
from backmice.ports import Ports
from backmice.supervisor import StartFailed, Supervisor
from backmice.topology import SOURCES, Topology

SERVES = """
import http.server, os, sys
from chassis.settings import die_with_parent
die_with_parent()
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def log_message(self, *a): pass
class Server(http.server.HTTPServer):
    allow_reuse_port = True
    def server_bind(self):
        import socket
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        super().server_bind()
Server(("127.0.0.1", %d), Handler).serve_forever()
"""


@pytest.fixture
def supervisor(folder, script, monkeypatch):
    """A supervisor whose plan has two tiny processes."""

    class Tiny(Topology):
        def migrations(self):
            return [script("print('migrated')", "migrate")]

        def processes(self):
            serving = script(SERVES % self.ports["gateway"], "gateway-api")
            return [serving, script("import time; time.sleep(600)", "worker")]

    monkeypatch.setattr(module, "Topology", Tiny)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    ports = Ports("127.0.0.1")
    port = ports.reserve_free(21_900)
    ports.release()
    return Supervisor(folder, "127.0.0.1", port)


def test_it_starts_says_where_it_is_and_stops_everything(supervisor, folder, capfd, monkeypatch):
    seen = {}

    def look():
        seen.update(folder.read_state())
        supervisor.stopping = True

    monkeypatch.setattr(supervisor, "_watch", look)
    assert supervisor.run() == 0
    printed = capfd.readouterr().out
    assert seen["address"] in printed
    assert f"TOKEN={seen['token']}" in printed
    assert "curl" in printed
    assert not any(child.alive() for child in supervisor.children.all)
    assert folder.read_state() is None


def test_a_child_that_dies_while_it_runs_is_started_again(supervisor, capfd, monkeypatch):
    def kill_one():
        worker = next(child for child in supervisor.children.all if child.task.name == "worker")
        worker.signal(signal.SIGKILL)
        worker.process.wait()
        supervisor.children.restart_ended(module._print_sentence)
        worker.start_after = 0.0
        supervisor.children.restart_ended(module._print_sentence)
        assert worker.alive()

    monkeypatch.setattr(supervisor, "_watch", kill_one)
    supervisor.run()
    assert "worker ended (signal 9)" in capfd.readouterr().err


def test_the_note_names_the_process_that_took_a_dead_ones_place(supervisor, folder, monkeypatch):
    seen = {}

    def kill_one():
        worker = next(child for child in supervisor.children.all if child.task.name == "worker")
        seen["dead"] = worker.process.pid
        worker.signal(signal.SIGKILL)
        worker.process.wait()
        supervisor.children.restart_ended(module._print_sentence)
        worker.start_after = 0.0
        supervisor.children.restart_ended(module._print_sentence)
        supervisor._record_restarts()
        seen.update(noted=folder.read_state()["processes"]["worker"], now=worker.process.pid)

    monkeypatch.setattr(supervisor, "_watch", kill_one)
    supervisor.run()
    assert seen["noted"] == seen["now"] != seen["dead"]


def test_a_failed_migration_stops_the_start_with_its_last_words(supervisor, script, monkeypatch):
    failing = script("import sys; sys.exit('schema is from the future')", "migrate")
    monkeypatch.setattr(module.Topology, "migrations", lambda _self: [failing])
    with pytest.raises(StartFailed, match="schema is from the future"):
        supervisor.run()


def test_a_child_that_cannot_live_stops_the_start_with_its_last_words(
    supervisor, script, monkeypatch
):
    hopeless = script("import sys; sys.exit('no such rule')", "worker")
    monkeypatch.setattr(module.Topology, "processes", lambda _self: [hopeless])
    with pytest.raises(StartFailed, match="no such rule"):
        supervisor.run()
    assert not any(child.alive() for child in supervisor.children.all)


def test_it_is_not_ready_while_a_child_is_dead(supervisor, monkeypatch):
    """The gateway answers all the time; without a worker no case would be answered."""
    questions, alive_when_ready = [], []

    def worker_dies_and_comes_back_late(children, _say):
        worker = next(child for child in children.all if child.task.name == "worker")
        if not questions:
            worker.signal(signal.SIGKILL)
            worker.process.wait()
        elif len(questions) == 3:
            worker.start()

    def gateway_answers(_address):
        questions.append(1)
        return True

    def note_children():
        alive_when_ready.extend(child.alive() for child in supervisor.children.all)

    monkeypatch.setattr(module.Children, "restart_ended", worker_dies_and_comes_back_late)
    monkeypatch.setattr(module, "answers", gateway_answers)
    monkeypatch.setattr(supervisor, "_watch", note_children)
    assert supervisor.run() == 0
    assert len(questions) == 4
    assert alive_when_ready == [True, True]


def test_a_taken_port_is_a_clear_error(folder):
    with closing(socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        run = [
            sys.executable,
            "-m",
            "backmice",
            "up",
            "--data",
            str(folder.root),
            "--port",
            str(port),
        ]
        ended = subprocess.run(
            run, env={"PYTHONPATH": str(SOURCES)}, capture_output=True, text=True, check=False
        )
    assert ended.returncode == 1
    assert ended.stderr == (
        f"backmice: port {port} on 127.0.0.1 is taken: choose another with PORT=\n"
    )


def test_a_folder_in_use_is_a_clear_error(folder):
    owner = folder.lock()
    run = [
        sys.executable,
        "-m",
        "backmice",
        "restore",
        "--data",
        str(folder.root),
        "nothing.tar.gz",
    ]
    ended = subprocess.run(
        run, env={"PYTHONPATH": str(SOURCES)}, capture_output=True, text=True, check=False
    )
    os.close(owner)
    assert ended.returncode == 1
    assert "is in use" in ended.stderr


def test_it_ends_when_the_process_that_started_it_is_gone(supervisor):
    supervisor.end_with_parent = True
    assert not supervisor._should_stop()
    supervisor.parent = -1
    assert supervisor._should_stop()
